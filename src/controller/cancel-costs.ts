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
    const ends = running.length === 1 ? '1 run ends' : `${running.length} runs end`;
    return {
      label,
      text: `${ends} and all ${entries.length} services are paused; resumed, they read on from the file's ordinals`,
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
