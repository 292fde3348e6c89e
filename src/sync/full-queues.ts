import type { Emit } from '../model/events.ts';

/** Says once that a queue is full and once that it is not waited for any more, however many runs wait. One for a process. */
export interface FullQueues {
  /**
   * A run begins to wait for room.
   * @returns to be called once: with true when there is room, with false when the run ends without having seen any
   */
  wait(queue: string, reason: string, workers: number): (hasRoom: boolean) => void;
}

export function createFullQueues(emit: Emit): FullQueues {
  const waiting = new Map<string, number>();
  return {
    wait(queue, reason, workers) {
      const before = waiting.get(queue) ?? 0;
      waiting.set(queue, before + 1);
      if (before === 0) emit({ type: 'queue.full', queue, reason, workers });
      return (hasRoom) => {
        const left = (waiting.get(queue) ?? 1) - 1;
        waiting.set(queue, left);
        if (left === 0) emit({ type: 'queue.flowing', queue, hasRoom });
      };
    },
  };
}
