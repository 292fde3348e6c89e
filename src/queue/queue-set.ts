import { QueueError } from '../model/errors.ts';
import type { JobQueue } from './contract.ts';

/** A queue and what closes it. */
export interface OpenQueue {
  readonly jobs: JobQueue;
  readonly close: () => Promise<unknown>;
}

export interface QueueSet {
  readonly get: (name: string) => JobQueue;
  /** Closes all queues; never rejects. */
  readonly close: () => Promise<void>;
}

/** The queues of one store, each opened on first use. `get` throws a QueueError for a name BullMQ would refuse. */
export function createQueueSet(open: (name: string) => OpenQueue): QueueSet {
  const queues = new Map<string, OpenQueue>();
  return {
    get(name) {
      if (name === '' || name.includes(':'))
        throw new QueueError(`"${name}" cannot be the name of a queue`, {
          code: 'queue.bad-name',
          recovery: 'config',
          hint: 'A name is not empty and holds no ":".',
        });
      const queue = queues.get(name) ?? open(name);
      queues.set(name, queue);
      return queue.jobs;
    },
    async close() {
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
    },
  };
}
