import type { Clock } from '../../src/model/clock.ts';

/** Clocks that go on as the real ones do, and that a test moves. */
export interface MovableClock extends Clock {
  /** The wall clock is set, forward or back; or the machine slept for so long, which looks the same. */
  set(byMs: number): void;
  /** Time passes by both clocks, and whoever waited for it goes on. */
  pass(ms: number): void;
}

export function movableClock(): MovableClock {
  let setBy = 0;
  let passed = 0;
  const sleepers = new Set<() => void>();
  const elapsed = (): number => performance.now() + passed;
  return {
    now: () => Date.now() + setBy + passed,
    elapsed,
    async sleep(ms, signal) {
      const until = elapsed() + ms;
      await new Promise<void>((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined;
        const look = (): void => {
          clearTimeout(timer);
          const left = until - elapsed();
          if (left > 0) timer = setTimeout(look, left);
          else settle(resolve);
        };
        const abort = (): void => {
          clearTimeout(timer);
          settle(() => reject(new DOMException('aborted', { name: 'AbortError', cause: signal.reason })));
        };
        const settle = (end: () => void): void => {
          sleepers.delete(look);
          signal.removeEventListener('abort', abort);
          end();
        };
        if (signal.aborted) return abort();
        signal.addEventListener('abort', abort, { once: true });
        sleepers.add(look);
        look();
      });
    },
    set: (byMs) => void (setBy += byMs),
    pass(ms) {
      passed += ms;
      for (const look of sleepers) look();
    },
  };
}
