import type { DeadLetter } from '../model/record.ts';
import type { Store } from './store.ts';

/** A store into which no secret gets by the words of an error (invariant 8). What a record holds is its own business. */
export function redactedStore(store: Store, redact: (text: string) => string): Store {
  const { runs, deadLetters } = store;
  const clean = (letter: DeadLetter): DeadLetter => ({
    ...letter,
    reason: redact(letter.reason),
    stack: letter.stack === undefined ? undefined : redact(letter.stack),
  });
  return {
    ...store,
    runs: {
      ...runs,
      failed: (id, error, totals) => runs.failed(id, redact(error), totals),
      drop: (id, finished, reason) => runs.drop(id, finished, redact(reason)),
      giveUp: (id, finished, reason) => runs.giveUp(id, finished, redact(reason)),
    },
    deadLetters: {
      ...deadLetters,
      add: (run, letters, now, place) => deadLetters.add(run, letters.map(clean), now, place),
      failed: (id, chunk, { reason, stack, attempts }, now) =>
        deadLetters.failed(
          id,
          chunk,
          { reason: redact(reason), stack: stack === undefined ? undefined : redact(stack), attempts },
          now,
        ),
    },
  };
}
