import { letterCommandSchema, letterFilterSchema, letterIdsSchema } from '../control/letter-messages.ts';
import { accept, type Routes } from '../control/server.ts';
import { createLetters } from '../controller/dead-letters.ts';
import { createRetries, type Retries } from '../controller/retry.ts';
import type { Clock } from '../model/clock.ts';
import type { Emit } from '../model/events.ts';
import type { LetterBook } from '../model/letters.ts';
import type { QueueStore } from '../queue/contract.ts';
import { createSink } from '../sink/registry.ts';
import type { Store } from '../store/store.ts';
import { createOutage } from '../sync/outage.ts';
import { keepsNewest } from './inside-consumer.ts';

export interface OpenLettersParts {
  readonly store: Store;
  readonly queue: QueueStore;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly emit: Emit;
}

/** The dead letters of a folder that this process holds, with a queue to publish them to again. */
export interface OpenLetters {
  readonly book: LetterBook;
  readonly retries: Retries;
}

/** Goes on at once with what an earlier process left on its way. Close the retries before the queue. */
export function openLetters({ store, queue, env, clock, emit }: OpenLettersParts): OpenLetters {
  const retries = createRetries({
    letters: store.deadLetters,
    openSink: ({ queue: name, job, grade }) =>
      createSink(undefined, { store: queue, queue: name, jobName: job, grade }),
    outage: createOutage(queue.name, clock, emit),
    clock,
    emit,
  });
  for (const id of store.deadLetters.underWay()) retries.follow(id);
  return { book: createLetters({ store, retries, keepsNewest: () => keepsNewest(env), emit }), retries };
}

/** What the control socket answers about them. */
export function letterRoutes(book: LetterBook): Routes {
  return {
    '/letters': accept(letterFilterSchema, (filter) => book.list(filter)),
    '/letters/show': (query) => book.show(Number(query.get('id'))) ?? null,
    '/letters/plan': accept(letterIdsSchema, ({ letters }) => book.plan(letters)),
    '/letters/command': accept(letterCommandSchema, (command) => book.command(command)),
  };
}
