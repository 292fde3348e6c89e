/** The readers of a run: at most `size` things at a time, first come, first served; `size` may change while in use. */
export interface Slots {
  /** @returns the number of the taken slot, from 1; rejects when `signal` aborts. Give it back with `release`. */
  acquire(signal: AbortSignal, urgent?: boolean): Promise<number>;
  release(slot: number): void;
  resize(size: number): void;
}

export function createSlots(size: number): Slots {
  let limit = size;
  const taken = new Set<number>();
  const urgent: Waiter[] = [];
  const waiting: Waiter[] = [];

  const serve = (): void => {
    while (taken.size < limit) {
      const next = urgent.shift() ?? waiting.shift();
      if (!next) return;
      const slot = lowestFree(taken);
      taken.add(slot);
      next.take(slot);
    }
  };

  return {
    async acquire(signal, isUrgent = false) {
      signal.throwIfAborted();
      const line = isUrgent ? urgent : waiting;
      return await new Promise<number>((resolve, reject) => {
        const leave = (): void => {
          const place = line.indexOf(waiter);
          if (place >= 0) line.splice(place, 1);
          reject(signal.reason);
        };
        const waiter: Waiter = {
          take(slot) {
            signal.removeEventListener('abort', leave);
            resolve(slot);
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        line.push(waiter);
        serve();
      });
    },
    release(slot) {
      taken.delete(slot);
      serve();
    },
    resize(next) {
      limit = next;
      serve();
    },
  };
}

interface Waiter {
  take(slot: number): void;
}

function lowestFree(taken: ReadonlySet<number>): number {
  let slot = 1;
  while (taken.has(slot)) slot += 1;
  return slot;
}
