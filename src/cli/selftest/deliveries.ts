import { join } from 'node:path';
import { openQueueStore } from '../../queue/open.ts';
import { chooseQueue } from '../../queue/url.ts';
import type { Origin } from './origin.ts';
import type { Delivered } from './verdict.ts';

/** A consumer in the process that survives; it remembers what it took. */
export interface TestConsumer extends AsyncDisposable {
  /** The jobs it finished, each once. */
  readonly jobs: readonly Delivered[];
}

/** The queue of an origin, and what names it. */
export interface Place {
  readonly origin: Origin;
  readonly folder: string;
  readonly queueEnv: Readonly<Record<string, string>>;
  readonly queuePrefix: string;
}

/**
 * Undefined where none is needed, and for the embedded queue, which no second process can reach: there chunks count as
 * confirmed when they are queued.
 */
export async function openConsumer({
  origin,
  folder,
  queueEnv,
  queuePrefix,
}: Place): Promise<TestConsumer | undefined> {
  const target = chooseQueue(queueEnv);
  if (!origin.isConsumed || target.kind === 'embedded') return undefined;
  const store = await openQueueStore(target, { folder });
  const jobs = new Map<string, Delivered>();
  const worker = store.queue(`${queuePrefix}${origin.queue}`).work(
    ({ id, data }) => {
      jobs.set(id, { id, names: namesIn(data, origin) });
      return Promise.resolve();
    },
    { concurrency: 2 },
  );
  return {
    get jobs() {
      return [...jobs.values()];
    },
    async [Symbol.asyncDispose]() {
      await worker.close();
      await store.close();
    },
  };
}

const mostJobs = 100_000;
const readMs = 30_000;

/** The jobs that nobody has taken, oldest first. For the embedded queue no process may be at work. */
export async function readWaiting({
  origin,
  folder,
  queueEnv,
  queuePrefix,
}: Place): Promise<readonly Delivered[]> {
  const store = await openQueueStore(chooseQueue(queueEnv), { folder: join(folder, 'queue') });
  try {
    const queue = store.queue(`${queuePrefix}${origin.queue}`);
    const jobs = await queue.peek(mostJobs, AbortSignal.timeout(readMs));
    return jobs.map(({ id, data }) => ({ id, names: namesIn(data, origin) }));
  } finally {
    await store.close();
  }
}

function namesIn(data: unknown, origin: Origin): readonly string[] {
  return (Array.isArray(data) ? data : [data]).map((value) => origin.nameOf(value));
}
