import { setTimeout as delay } from 'node:timers/promises';

/** Time as an argument, so that tests own it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC. May jump. */
  now(): number;
  /** Monotonic milliseconds; only differences mean anything. */
  elapsed(): number;
  /** Resolves after `ms` milliseconds; rejects with an AbortError as soon as `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  // Node's timer overflows above 2^31-1 ms and would fire at once, so a longer wait is cut into pieces.
  async sleep(ms, signal) {
    const longest = 2_000_000_000;
    let left = Math.max(0, ms);
    do {
      await delay(Math.min(left, longest), undefined, { signal });
      left -= longest;
    } while (left > 0);
  },
};
