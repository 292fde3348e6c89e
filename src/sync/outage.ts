import type { Clock } from '../model/clock.ts';
import { QueueError, RunError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';

/** Waits for a queue that is down, and says so once an outage rather than once a chunk. One for all runs of a process. */
export interface Outage {
  /**
   * Repeats `work` until the queue took it. Unknown outcomes are repeated too: chunk ids make that harmless (S12).
   * @throws what `work` throws when trying again cannot help, or a RunError when nothing that failed has gone through
   * for the time of `giveUpMs`; an AbortError when `signal` aborts
   */
  ride<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
}

const firstWaitMs = 250;
const longestWaitMs = 5000;

/** Work whose last try failed. */
interface Failing {
  /** Ends its pause: something else that failed has just gone through. */
  wake(): void;
}

/** @param giveUpMs how long to wait for the queue, asked at each failure; undefined waits as long as the signal lets it */
export function createOutage(
  queue: string,
  clock: Clock,
  emit: Emit,
  giveUpMs: () => number | undefined = () => undefined,
): Outage {
  const failing = new Set<Failing>();
  let since: number | undefined;
  let movedAt = 0;

  const failed = (one: Failing, error: QueueError, waitMs: number): void => {
    failing.add(one);
    if (since !== undefined) return;
    since = movedAt = clock.elapsed();
    emit({ type: 'queue.down', queue, reason: error.message, waitMs });
  };

  const succeeded = (one: Failing): void => {
    if (since === undefined) return;
    if (failing.delete(one)) {
      movedAt = clock.elapsed();
      for (const other of failing) other.wake();
    }
    // A full or read-only store still answers questions: it is over when nothing that failed still fails.
    if (failing.size > 0) return;
    emit({ type: 'queue.up', queue, downMs: clock.elapsed() - since });
    since = undefined;
  };

  /** @returns how long may be waited for the queue yet; undefined for ever */
  const patience = (): number | undefined => {
    const limit = giveUpMs();
    return limit === undefined ? undefined : limit - (clock.elapsed() - movedAt);
  };

  return {
    async ride(work, signal) {
      let pause = new AbortController();
      const one: Failing = { wake: () => pause.abort() };
      try {
        for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
          try {
            const result = await work(signal);
            succeeded(one);
            return result;
          } catch (error) {
            if (!(error instanceof QueueError) || error.recovery !== 'retry') throw error;
            failed(one, error, waitMs);
            const left = patience();
            if (left !== undefined && left <= 0) throw gaveUp(queue, giveUpMs() ?? 0, error);
            pause = new AbortController();
            await rest(Math.min(waitMs, left ?? waitMs), pause.signal, signal);
          }
        }
      } finally {
        failing.delete(one);
      }
    },
  };

  async function rest(ms: number, woken: AbortSignal, signal: AbortSignal): Promise<void> {
    await clock.sleep(ms, AbortSignal.any([woken, signal])).catch((error: unknown) => {
      if (signal.aborted) throw error;
    });
  }
}

function gaveUp(queue: string, afterMs: number, cause: QueueError): RunError {
  const what = cause.message.includes(queue) ? cause.message : `${queue} is down: ${cause.message}`;
  return new RunError(`${what}; waited ${Math.round(afterMs / 1000)} s`, {
    code: 'queue.down',
    recovery: 'retry',
    hint: `${advice(cause)}; the run goes on where it stopped`,
    cause,
  });
}

function advice({ hint }: QueueError): string {
  return hint === undefined ? 'start the queue' : hint.replace(/\.$/, '');
}
