import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../src/model/clock.ts';

export interface ManualClock extends Clock {
  /** Lets time pass and everybody who waited for it go on. */
  pass(ms: number): Promise<void>;
}

/** A clock that stands still until the test moves it. */
export function manualClock(start = Date.UTC(2026, 10, 21, 10)): ManualClock {
  let passed = 0;
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    now: () => start + passed,
    elapsed: () => passed,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const abort = (): void => {
          sleepers.delete(sleeper);
          reject(new DOMException('aborted', 'AbortError'));
        };
        const wake = (): void => {
          signal.removeEventListener('abort', abort);
          sleepers.delete(sleeper);
          resolve();
        };
        const sleeper = { until: passed + ms, wake };
        if (signal.aborted) return abort();
        signal.addEventListener('abort', abort, { once: true });
        sleepers.add(sleeper);
      }),
    async pass(ms) {
      passed += ms;
      for (const sleeper of sleepers) if (sleeper.until <= passed) sleeper.wake();
      await delay(0);
    },
  };
}
