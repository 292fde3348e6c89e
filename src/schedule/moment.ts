import type { Clock } from '../model/clock.ts';

/** When something happened, by both clocks of this process. */
export interface Moment {
  /** Epoch milliseconds by the wall clock of then. */
  readonly at: number;
  /** By the clock that nobody sets, and that stands still while the machine sleeps. */
  readonly elapsed: number;
}

/**
 * A moment by the wall clock of now, epoch milliseconds: earlier than by that of then if the clock was set back since, as
 * more time than that is known to have passed. After a jump forward it stays what it was: whether the clock was set or
 * the machine slept cannot be told, and a run too many is better than one that is missed.
 */
export function timeOf({ at, elapsed }: Moment, clock: Pick<Clock, 'now' | 'elapsed'>): number {
  const byElapsed = clock.now() - (clock.elapsed() - elapsed);
  return at - byElapsed > smallestStepMs ? byElapsed : at;
}

/** Clocks are read to the millisecond and never at the same time; a start must not slip before the firing that caused it. */
const smallestStepMs = 1000;
