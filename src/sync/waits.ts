import type { Clock } from '../model/clock.ts';
import type { Limit, RunTotals } from '../model/events.ts';
import type { Traffic } from '../model/traffic.ts';

/** Measures what the reading of a run waits for. */
export interface Waits {
  /** Waits for `what`, and notes for how long, whatever comes of it. */
  during<T>(limit: Exclude<Limit, 'quota'>, what: Promise<T>): Promise<T>;
  /** What was waited for so far. @param traffic what the same source was asked in that time */
  totals(traffic: Traffic): RunTotals['waitedMs'];
}

export function createWaits(clock: Clock): Waits {
  const waited = { source: 0, queue: 0, workers: 0 };
  return {
    async during(limit, what) {
      const began = clock.elapsed();
      try {
        return await what;
      } finally {
        waited[limit] += clock.elapsed() - began;
      }
    },
    totals: ({ spentMs }) => shareOut(waited, spentMs),
  };
}

/**
 * Who waits for a reader or an answer waits for what the requests under way wait for. So the part of their time that went
 * into the quota's places is the quota's, and pauses after attempts that came to nothing are the source's. The rest of
 * the wait for a free reader is the readers': with more of them more requests would have been under way.
 */
function shareOut(
  { source, queue, workers }: Readonly<Record<Exclude<Limit, 'quota'>, number>>,
  { underWay, quota, pausing }: Traffic['spentMs'],
): RunTotals['waitedMs'] {
  const all = underWay + quota + pausing;
  const quotaShare = all > 0 ? quota / all : 0;
  const pauseShare = all > 0 ? pausing / all : 0;
  return {
    source: source * (1 - quotaShare) + workers * pauseShare,
    queue,
    workers: workers * (1 - quotaShare - pauseShare),
    quota: (source + workers) * quotaShare,
  };
}
