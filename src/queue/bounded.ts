import type { Clock } from '../model/clock.ts';
import { QueueError } from '../model/errors.ts';
import { queueFailure } from './failure.ts';

export interface BoundedOptions {
  /** What errors call the store. */
  readonly store: string;
  readonly deadlineMs: number;
  readonly clock: Clock;
  /** What is known about why the store does not answer. */
  readonly trouble?: () => string | undefined;
}

export interface Bounded {
  /**
   * Runs work against a store that may be slow, stalled or gone. Rejects with an AbortError as soon as `signal` aborts,
   * with a QueueError when the deadline passes (recovery `retry`: the work may still be carried out later), when the
   * store is closed, and for every error of the library underneath.
   */
  readonly run: <T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  /** From now on everything is rejected, also what is under way. */
  readonly close: () => void;
}

export function createBounded({ store, deadlineMs, clock, trouble }: BoundedOptions): Bounded {
  const closing = new AbortController();
  return {
    close: () => closing.abort(),
    async run(signal, work) {
      if (signal.aborted) throw aborted(signal);
      if (closing.signal.aborted) throw closed(store);
      const settled = new AbortController();
      const stop = AbortSignal.any([signal, closing.signal, settled.signal]);
      try {
        // The race also takes care of the loser's rejection, which then nobody else hears.
        return await Promise.race([work(stop), expire(stop)]);
      } catch (thrown) {
        if (signal.aborted) throw aborted(signal);
        if (closing.signal.aborted) throw closed(store);
        throw queueFailure(thrown, store);
      } finally {
        settled.abort();
      }
    },
  };

  async function expire(stop: AbortSignal): Promise<never> {
    await clock.sleep(deadlineMs, stop);
    const reason = trouble?.();
    throw new QueueError(
      `${store} did not answer within ${deadlineMs / 1000} s${reason === undefined ? '' : ` (${reason})`}`,
      {
        code: 'queue.timeout',
        recovery: 'retry',
        hint: 'Check that the queue is up and reachable.',
      },
    );
  }
}

// Always named AbortError, whatever reason the signal carries.
function aborted(signal: AbortSignal): DOMException {
  return new DOMException('The queue operation was cancelled', { name: 'AbortError', cause: signal.reason });
}

function closed(store: string): QueueError {
  return new QueueError(`${store} is closed`, { code: 'queue.closed', recovery: 'stop' });
}
