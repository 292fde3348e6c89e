import type { RunTotals } from '../model/events.ts';
import type { Traffic } from '../model/traffic.ts';

/** What one session of a run did. */
export interface SessionCounts extends Pick<
  RunTotals,
  'published' | 'ignored' | 'reread' | 'deadLetters' | 'seconds' | 'waitedMs'
> {
  readonly traffic: Traffic;
}

/**
 * A run's totals with those of the session that is on.
 * @param before what the sessions before it did
 * @param read distinct records over all sessions, which is no sum: a session may read some of them again
 */
export function addSession(before: RunTotals, session: SessionCounts, read: number): RunTotals {
  const { traffic, waitedMs } = session;
  return {
    read,
    published: before.published + session.published,
    ignored: before.ignored + session.ignored,
    requests: before.requests + traffic.requests,
    retried: before.retried + traffic.retried,
    slowestMs: Math.max(before.slowestMs, traffic.slowestMs),
    reread: before.reread + session.reread,
    deadLetters: before.deadLetters + session.deadLetters,
    bytes: before.bytes + traffic.bytes,
    seconds: before.seconds + session.seconds,
    waitedMs: {
      source: before.waitedMs.source + waitedMs.source,
      queue: before.waitedMs.queue + waitedMs.queue,
      workers: before.waitedMs.workers + waitedMs.workers,
      quota: before.waitedMs.quota + waitedMs.quota,
    },
  };
}
