import type { JobQueue, QueueStore } from '../../src/queue/contract.ts';
import type { Job } from '../../src/model/queues.ts';

/** A store together with what the checks need around it. */
export interface StoreWorld {
  readonly store: QueueStore;
  /** A second store over other data, which the check may close. */
  readonly other: () => Promise<QueueStore>;
  /** A real BullMQ worker on the same data. */
  readonly work: (queue: string, take: (job: Job) => Promise<void>) => Promise<{ close(): Promise<void> }>;
  /** Pauses a queue by BullMQ's own means. */
  readonly pause: (queue: string) => Promise<void>;
  /** Takes an active job away from its worker, as happens when its lock ended. */
  readonly steal: (queue: string, id: string) => Promise<void>;
  /** A store in which the worker that had just taken `job` was killed with its process. */
  readonly afterKill: (queue: string, job: Job) => Promise<QueueStore>;
  readonly close: () => Promise<void>;
}

/** How long a worker of these stores keeps a job: short, for a look at what comes after. */
export const LOCK_MS = 2000;

export interface Check {
  readonly promise: string;
  readonly check: (world: StoreWorld, queueName: string) => Promise<void>;
  /** What a broken store would do: the check has to fail on it (S24). */
  readonly twins: Readonly<Record<string, (store: QueueStore) => QueueStore>>;
}

export const signal = new AbortController().signal;

export const odd = {
  plain: 'a',
  '': 'empty key',
  text: 'Ærøskøbing 北京 🦊 e\u0301 \u202E \u2028 \uFEFF "\'\\/\b\f\n\r\t\u001B[31m \u007F',
  numbers: [0, -1, 1.5, 1e21, 1e-7, 2 ** 53, Number.MAX_VALUE, 0.1 + 0.2],
  nothing: [null, false, true, [], {}, ''],
  __proto_: { constructor: 1, toString: 'x' },
  deep: [[[[[[{ a: [{ b: {} }] }]]]]]],
  '%s %d $1 :x {{y}}': "'; DROP TABLE job; --",
};

export function numbered(count: number): Job[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `job-${index + 1}`,
    name: `name ${index % 3}`,
    data: [{ id: index, text: `text ${index}` }],
  }));
}

export function nothing(name: string) {
  return { name, waiting: 0, active: 0, delayed: 0, failed: 0, completed: 0, workers: 0 };
}

export function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'resolved',
    (thrown: unknown) => thrown,
  );
}

export function withQueue(store: QueueStore, change: (queue: JobQueue) => JobQueue): QueueStore {
  return { ...store, queue: (name) => change(store.queue(name)) };
}

export function withAdd(store: QueueStore, change: (jobs: readonly Job[]) => readonly Job[]): QueueStore {
  return withQueue(store, (queue) => ({ ...queue, add: (jobs, stop) => queue.add(change(jobs), stop) }));
}
