import { RunError } from '../model/errors.ts';

/** The least a run may bury, however little it has read (S15). */
const leastLetters = 10;
const mostLetters = 1000;
const share = 0.01;

/** How many records of a run may die before that is an alarm rather than bad records. */
export interface Budget {
  /** One more record is dead. @throws RunError when that is more than a run may bury, with the reason of this one */
  spend(reason: string): void;
}

/**
 * @param before dead letters of earlier sessions of the run
 * @param read how many records the run has read so far
 */
export function createBudget(before: number, read: () => number): Budget {
  let dead = before;
  return {
    spend(reason) {
      dead += 1;
      const most = mostDead(read());
      if (dead > most) throw tooMany(dead, most, reason);
    },
  };
}

/** How many dead letters a run that has read so many records may leave (S15). */
export function mostDead(read: number): number {
  return Math.min(mostLetters, Math.max(leastLetters, Math.floor(read * share)));
}

/** As much of a consumer's reason as one line of a screen has room for. */
const longestReason = 200;

/** The records of the page that broke it are no dead letters: they are published anew, so the error says why they died. */
function tooMany(dead: number, most: number, reason: string): RunError {
  const why = reason.length > longestReason ? `${reason.slice(0, longestReason)}...` : reason;
  const what = `consumers refused ${dead} records, more than the ${most} that one run may bury; the last one: ${why}`;
  return new RunError(what, {
    code: 'run.too_many_dead',
    recovery: 'stop',
    hint: 'correct the consumers and run the entry again: it goes on where it stopped and publishes these anew',
  });
}
