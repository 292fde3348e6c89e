import { RunError } from '../model/errors.ts';

/** The least a run may bury, however little it has read (S15). */
const leastLetters = 10;
const mostLetters = 1000;
const share = 0.01;

/** How many records of a run may die before that is an alarm rather than bad records. */
export interface Budget {
  /** One more record is dead. @throws RunError when that is more than a run may bury */
  spend(): void;
}

/**
 * @param before dead letters of earlier sessions of the run
 * @param read how many records the run has read so far
 */
export function createBudget(before: number, read: () => number): Budget {
  let dead = before;
  return {
    spend() {
      dead += 1;
      const most = mostDead(read());
      if (dead > most) throw tooMany(dead, most);
    },
  };
}

/** How many dead letters a run that has read so many records may leave (S15). */
export function mostDead(read: number): number {
  return Math.min(mostLetters, Math.max(leastLetters, Math.floor(read * share)));
}

function tooMany(dead: number, most: number): RunError {
  return new RunError(`consumers refused ${dead} records, more than the ${most} that one run may bury`, {
    code: 'run.too_many_dead',
    recovery: 'stop',
    hint: 'look at their reasons with "failed list"; correct the consumers and run the entry again, which publishes them anew',
  });
}
