import type { Clock } from '../../src/model/clock.ts';

/** A clock whose waits are written down and over at once: sleeping moves its time on. */
export function createRecordingClock(
  start = Date.parse('2026-11-21T12:00:00Z'),
): Clock & { waits: number[] } {
  const waits: number[] = [];
  let slept = 0;
  const beginning = performance.now();
  return {
    waits,
    now: () => start + slept,
    elapsed: () => performance.now() - beginning + slept,
    async sleep(ms, signal) {
      signal.throwIfAborted();
      waits.push(ms);
      slept += ms;
      await Promise.resolve();
    },
  };
}
