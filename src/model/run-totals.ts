import type { Limit, RunTotals } from './events.ts';

/** The totals of a run that has done nothing yet. */
export const noTotals: RunTotals = {
  read: 0,
  published: 0,
  ignored: 0,
  requests: 0,
  retried: 0,
  slowestMs: 0,
  reread: 0,
  deadLetters: 0,
  bytes: 0,
  seconds: 0,
  waitedMs: { source: 0, queue: 0, workers: 0, quota: 0 },
};

/** What a run waited for longest; undefined when it waited for nothing, or when nobody measured it. */
export function limitedBy({ waitedMs }: RunTotals): Limit | undefined {
  const limits = ['source', 'queue', 'workers', 'quota'] as const;
  const longest = limits.reduce((most, limit) => (waitedMs[limit] > waitedMs[most] ? limit : most));
  return waitedMs[longest] > 0 ? longest : undefined;
}

/** A limit in words: where a person can do something about it, the setting. */
export function limitName(limit: Limit): string {
  return limit === 'workers' ? 'worker_count' : limit;
}
