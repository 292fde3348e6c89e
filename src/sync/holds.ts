/** Keeps the order of changes to one key: a page waits for every earlier page that holds one of its keys (S14). */
export interface Holds {
  /** Takes the keys for a page; call in page order. `ready` resolves when no earlier page holds one of them any more. */
  take(keys: readonly string[]): Hold;
}

export interface Hold {
  /** Resolves to false when an earlier page was given up: this one must not be published either. */
  readonly ready: Promise<boolean>;
  /** @param confirmed false when the page is given up. The first call counts. */
  release(confirmed: boolean): void;
}

export function createHolds(): Holds {
  /** The newest holder of each key; a page behind it waits for it, and so for all before it. */
  const holders = new Map<string, Promise<boolean>>();
  return {
    take(keys) {
      const { promise: released, resolve } = Promise.withResolvers<boolean>();
      const earlier = new Set<Promise<boolean>>();
      for (const key of keys) {
        const holder = holders.get(key);
        if (holder && holder !== released) earlier.add(holder);
        holders.set(key, released);
      }
      let isReleased = false;
      return {
        ready: Promise.all(earlier).then((all) => all.every((confirmed) => confirmed)),
        release(confirmed) {
          if (isReleased) return;
          isReleased = true;
          if (confirmed) for (const key of keys) if (holders.get(key) === released) holders.delete(key);
          resolve(confirmed);
        },
      };
    },
  };
}
