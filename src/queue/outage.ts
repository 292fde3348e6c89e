import type { Clock } from '../model/clock.ts';
import type { Emit } from '../model/events.ts';
import { queueFailure } from './failure.ts';

/** Says once that a store went away and once that it is back, whoever of many workers notices. */
export interface StoreOutage {
  readonly began: (thrown: unknown) => void;
  readonly over: () => void;
}

/** How long a worker waits before it asks a store again that failed. */
export const RETRY_MS = 1000;

export function createStoreOutage(store: string, clock: Clock, emit: Emit | undefined): StoreOutage {
  let since: number | undefined;
  return {
    began(thrown) {
      if (since !== undefined) return;
      since = clock.elapsed();
      const reason = queueFailure(thrown, store).message;
      emit?.({ type: 'queue.down', queue: store, reason, waitMs: RETRY_MS });
    },
    over() {
      if (since === undefined) return;
      emit?.({ type: 'queue.up', queue: store, downMs: clock.elapsed() - since });
      since = undefined;
    },
  };
}
