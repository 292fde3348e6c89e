import type { Traffic } from '../model/traffic.ts';

/** One request that was sent, whether or not it was any use. */
export interface Attempt {
  readonly host: string;
  /** Undefined when no answer came. */
  readonly status: number | undefined;
  /** Bytes of the body as received, compressed ones where they were. */
  readonly bytes: number;
  /** From the moment the quota let it go until the body was complete. */
  readonly ms: number;
  /** 1 for a request's first attempt. */
  readonly number: number;
  /** How long it waited for its place in the quota. */
  readonly quotaMs: number;
  /** How long it paused because the attempt before came to nothing. */
  readonly pausedMs: number;
}

/** Adds up attempts for one caller, such as a run: hand `count` to whatever sends requests and read `totals()`. */
export function createTraffic(): {
  readonly count: (attempt: Attempt) => void;
  readonly totals: () => Traffic;
} {
  let requests = 0;
  let retried = 0;
  let bytes = 0;
  let slowestMs = 0;
  const spent = { underWay: 0, quota: 0, pausing: 0 };
  return {
    count(attempt) {
      requests += 1;
      retried += attempt.number > 1 ? 1 : 0;
      bytes += attempt.bytes;
      slowestMs = Math.max(slowestMs, attempt.ms);
      spent.underWay += attempt.ms;
      spent.quota += attempt.quotaMs;
      spent.pausing += attempt.pausedMs;
    },
    totals: () => ({ requests, retried, bytes, slowestMs, spentMs: { ...spent } }),
  };
}
