import type { QueueStatus } from '../../../model/queues.ts';
import type { QueueRow } from '../model.ts';

/**
 * The queues with what came in and went out a second since they were last looked at. Finished jobs are removed after a
 * while, so the numbers can be too low, never too high, and are never negative.
 */
export function queueRows(
  queues: readonly QueueStatus[],
  at: number,
  before: { readonly queues: readonly QueueStatus[]; readonly at: number } | undefined,
): readonly QueueRow[] {
  const seconds = before ? (at - before.at) / 1000 : 0;
  return queues
    .map((queue): QueueRow => {
      const last = before?.queues.find(({ name }) => name === queue.name);
      const rate = (of: (queue: QueueStatus) => number): number | undefined =>
        last && seconds > 0 ? Math.max(0, (of(queue) - of(last)) / seconds) : undefined;
      return { ...queue, inRate: rate(everIn), outRate: rate(everOut) };
    })
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
}

function everIn(queue: QueueStatus): number {
  return everOut(queue) + queue.waiting + queue.active + queue.delayed;
}

function everOut({ completed, failed }: QueueStatus): number {
  return completed + failed;
}
