import type { Stretch } from './boundary.ts';

/** One page on its way through a run. Its two promises are what the page behind it waits for. */
export interface PageTask extends Stretch {
  readonly number: number;
  /** Where the page before ends; the page itself may begin earlier. */
  readonly boundary: number;
  /** The total when the page was read. */
  readonly arrived: PromiseWithResolvers<number>;
  /** The page has claimed its records. */
  readonly settled: PromiseWithResolvers<void>;
  /** Ends the wait of the page behind. */
  fail(error: unknown): void;
}

export function createPageTask(number: number, boundary: number, stretch: Stretch): PageTask {
  const arrived = Promise.withResolvers<number>();
  const settled = Promise.withResolvers<void>();
  // A page that fails may have nobody behind it; its error is told by the page itself.
  arrived.promise.catch(() => {});
  settled.promise.catch(() => {});
  return {
    ...stretch,
    number,
    boundary,
    arrived,
    settled,
    fail(error) {
      arrived.reject(error);
      settled.reject(error);
    },
  };
}
