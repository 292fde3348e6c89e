import type { Clock } from '../../src/model/clock.ts';
import { systemClock } from '../../src/model/clock.ts';

/** A clock that runs a number of times as fast; the wall clock may be another one. */
export function createFastClock(times: number, now: () => number = () => systemClock.now()): Clock {
  return {
    now,
    elapsed: () => systemClock.elapsed() * times,
    sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
  };
}
