import type { QueueStore } from '../queue/contract.ts';
import type { Job, QueueStatus } from '../model/queues.ts';

/** How many jobs `queues peek` shows. */
const peekJobs = 5;

/** Every queue of the store, by name. */
export async function readQueues(queue: QueueStore, signal: AbortSignal): Promise<QueueStatus[]> {
  const names = await queue.list(signal);
  return await Promise.all(names.toSorted().map((name) => queue.queue(name).status(signal)));
}

/** The oldest waiting jobs of a queue. Looking does not create a queue that is not there. */
export async function peekQueue(
  queue: QueueStore,
  name: string,
  signal: AbortSignal,
): Promise<readonly Job[] | null> {
  const names = await queue.list(signal);
  return names.includes(name) ? await queue.queue(name).peek(peekJobs, signal) : null;
}
