import type { RunRecord } from '../../../model/operator.ts';
import type { EntryRow } from '../model.ts';

/**
 * The history with what is known of the runs that are on: the store learns of it now and then only. Of a resumed run
 * the greater number counts, as the store has its earlier sessions too. The same records where none is on.
 */
export function liveHistory(
  history: readonly RunRecord[],
  entries: readonly EntryRow[],
  now: number,
): readonly RunRecord[] {
  const runs = new Map(entries.flatMap(({ run }) => (run ? [[run.runId, run] as const] : [])));
  if (runs.size === 0) return history;
  return history.map((record) => {
    const run = runs.get(record.id);
    if (!run) return record;
    const { totals } = record;
    return {
      ...record,
      result: 'running' as const,
      totals: {
        ...totals,
        read: Math.max(totals.read, run.read),
        published: Math.max(totals.published, run.confirmed),
        deadLetters: Math.max(totals.deadLetters, run.dead),
        requests: Math.max(totals.requests, run.pagesRead),
        seconds: Math.max(totals.seconds, (now - run.startedAt) / 1000),
      },
    };
  });
}
