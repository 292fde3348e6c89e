import PQueue from 'p-queue';

/** Runs of entries, a bounded number at the same time, in the order they became due. */
export interface RunQueue {
  /** Resolves or rejects as `work` does. A run that is dropped before it began rejects with an AbortError. */
  add(work: () => Promise<void>): Promise<void>;
  /** How many may run at the same time; runs that are on go on. */
  resize(limit: number): void;
  /** Drops the runs that have not begun. */
  clear(): void;
}

export function createRunQueue(limit: number): RunQueue {
  const queue = new PQueue({ concurrency: limit });
  return {
    add: (work) => queue.add(work),
    resize(next) {
      queue.concurrency = next;
    },
    clear: () => queue.clear(),
  };
}
