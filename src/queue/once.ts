/** Something that takes long and may fail, done when it is first needed. */
export interface Once<T> {
  /** The result, worked for at most once at a time; after a failure the next call tries again. */
  readonly get: () => Promise<T>;
  /** The next call does the work again. */
  readonly forget: () => void;
  /** The work under way or done, without beginning any. */
  readonly begun: () => Promise<T> | undefined;
}

export function createOnce<T>(work: () => Promise<T>): Once<T> {
  let current: Promise<T> | undefined;
  return {
    get() {
      if (current) return current;
      const started = work();
      current = started;
      started.catch(() => {
        if (current === started) current = undefined;
      });
      return started;
    },
    forget() {
      current = undefined;
    },
    begun: () => current,
  };
}
