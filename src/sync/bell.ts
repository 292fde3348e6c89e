/** Wakes whoever waits for the next time something happens. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring; rejects with the signal's reason when it aborts. */
  next(): Promise<void>;
}

export function createBell(signal: AbortSignal): Bell {
  let waiting = Promise.withResolvers<void>();
  waiting.promise.catch(() => {});
  const stop = (): void => waiting.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  return {
    ring() {
      waiting.resolve();
      waiting = Promise.withResolvers<void>();
      waiting.promise.catch(() => {});
    },
    async next() {
      signal.throwIfAborted();
      await waiting.promise;
    },
  };
}
