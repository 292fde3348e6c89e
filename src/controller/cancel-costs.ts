import type { Cost } from '../model/commands.ts';
import type { RunStore } from '../store/runs.ts';
import type { Target } from './find-entry.ts';
import type { LiveRun } from './live-run.ts';

/** What follows when the runs of an entry are cancelled: what is paused, and what is done again. */
export function cancelCosts(
  { label, group, entries }: Target,
  running: readonly LiveRun[],
  runs: Pick<RunStore, 'unfinished'>,
): Cost {
  const [run] = running;
  if (group) {
    return {
      label,
      text: `${ended(running)} and all ${entries.length} services are paused; resumed, they read on from the file's ordinals`,
    };
  }
  return { label, text: `it is paused; ${run ? resumed(run) : ''}` };

  function resumed({ entry, own }: LiveRun): string {
    const stored = runs.unfinished(entry.key);
    if (stored?.span.kind === 'chained') {
      const ordinal = own.frozen['latest_ordinal'];
      const place = typeof ordinal === 'number' ? `on behind ordinal ${ordinal}` : 'everything';
      return `resumed, it reads ${place}`;
    }
    const done = stored?.totals.published ?? 0;
    if (done === 0) return 'resumed, it begins again';
    return `resumed, it reads the ${done.toLocaleString('en-US')} ${done === 1 ? 'record' : 'records'} it has done again`;
  }
}

/** The runs that are on, as a person counts them: what waits for its turn has not begun. */
export function begunOf(running: readonly LiveRun[]): number {
  return running.filter(({ begun }) => begun).length;
}

/** `4 runs end, 21 that wait do not begin`. */
function ended(running: readonly LiveRun[]): string {
  const begun = begunOf(running);
  const waiting = running.length - begun;
  const parts = [
    begun === 0 ? '' : begun === 1 ? '1 run ends' : `${begun} runs end`,
    waiting === 0 ? '' : waiting === 1 ? '1 that waits does not begin' : `${waiting} that wait do not begin`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}
