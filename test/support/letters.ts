import { onTestFinished } from 'vitest';
import { openLetters, type OpenLetters } from '../../src/cli/open-letters.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { EventBody } from '../../src/model/events.ts';
import type { DeadLetter, SinkPlace } from '../../src/model/record.ts';
import type { QueueStore } from '../../src/queue/contract.ts';
import { openQueueStore } from '../../src/queue/open.ts';
import { chooseQueue } from '../../src/queue/url.ts';
import type { Store } from '../../src/store/store.ts';

export const importer: SinkPlace = {
  queue: 'importer-queue',
  job: 'ORI_PERSON_CHANNEL',
  grade: 'processed',
};

/** A letter as a consumer's refusal makes it. */
export function deadPerson(key: string, different: Partial<DeadLetter> = {}): DeadLetter {
  return {
    service: 'PERSON',
    key,
    reason: `TypeError: metadata of ${key} is missing`,
    stack: 'TypeError: metadata is missing\n    at store (consumer.js:3:1)',
    attempts: 3,
    chunk: `r0123456789a-4-0-${key}`,
    version: 7,
    payload: { id: key, name: 'Ann' },
    ...different,
  };
}

/** A Redis queue store, closed with the test. */
export async function openQueue(url: string): Promise<QueueStore> {
  const queue = await openQueueStore(chooseQueue({ QUEUE_URL: url }), { folder: '' });
  onTestFinished(() => queue.close());
  return queue;
}

/** What a consumer was given. */
export interface Taken {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
}

/** A consumer that refuses what `refuses` says so of, closed with the test. */
export function consumeWith(
  queue: QueueStore,
  refuses: (data: unknown) => string | undefined = () => undefined,
): Taken[] {
  const taken: Taken[] = [];
  const work = queue.queue(importer.queue).work(
    ({ id, name, data }) => {
      taken.push({ id, name, data });
      const reason = refuses(data);
      return reason === undefined ? Promise.resolve() : Promise.reject(new Error(reason));
    },
    { concurrency: 1 },
  );
  onTestFinished(() => work.close());
  return taken;
}

export interface LettersWorld extends OpenLetters {
  readonly events: EventBody[];
  /** What was told a person. */
  readonly told: () => readonly string[];
}

/** The letters of a store as a controller has them, closed with the test. */
export function lettersOn(
  store: Store,
  queue: QueueStore,
  env: Readonly<Record<string, string>> = { QUEUE_URL: 'redis://127.0.0.1:1' },
): LettersWorld {
  const events: EventBody[] = [];
  const opened = openLetters({
    store,
    queue,
    env,
    clock: systemClock,
    emit: (event) => void events.push(event),
  });
  onTestFinished(() => opened.retries.close());
  const told = () => events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  return { ...opened, events, told };
}
