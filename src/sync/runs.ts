import PQueue from 'p-queue';

/** Runs of entries, a bounded number at the same time, in the order they became due. */
export interface RunQueue {
  /**
   * Resolves or rejects as `work` does. A run that is dropped, or whose signal aborts, before it began rejects with an
   * AbortError; once it runs the signal is its own business.
   */
  add(work: () => Promise<void>, signal: AbortSignal): Promise<void>;
  /** How many may run at the same time; runs that are on go on. */
  resize(limit: number): void;
  /** Drops the runs that have not begun. */
  clear(): void;
}

export function createRunQueue(limit: number): RunQueue {
  const queue = new PQueue({ concurrency: limit });
  return {
    async add(work, signal) {
      // p-queue would give the place of a running task away at once; only the wait may be cut short.
      const waiting = new AbortController();
      const leave = (): void => waiting.abort();
      if (signal.aborted) leave();
      signal.addEventListener('abort', leave, { once: true });
      const begin = async (): Promise<void> => {
        signal.removeEventListener('abort', leave);
        await work();
      };
      try {
        await queue.add(begin, { signal: waiting.signal });
      } finally {
        signal.removeEventListener('abort', leave);
      }
    },
    resize(next) {
      queue.concurrency = next;
    },
    clear: () => queue.clear(),
  };
}
