import type { Clock } from '../model/clock.ts';
import { QueueError, RunError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';

/** Waits for a queue that is down, and says so once an outage rather than once a chunk. */
export interface Outage {
  /**
   * Repeats `work` until the queue took it. Unknown outcomes are repeated too: chunk ids make that harmless (S12).
   * @throws what `work` throws when trying again cannot help, or a RunError when the queue stays away for `giveUpMs`
   */
  ride<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
}

const firstWaitMs = 250;
const longestWaitMs = 5000;

/** @param giveUpMs how long to wait for the queue; undefined waits as long as the signal lets it */
export function createOutage(queue: string, clock: Clock, emit: Emit, giveUpMs?: number): Outage {
  let since: number | undefined;
  return {
    async ride(work, signal) {
      for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
        try {
          const result = await work(signal);
          if (since !== undefined) {
            emit({ type: 'queue.up', queue, downMs: clock.elapsed() - since });
            since = undefined;
          }
          return result;
        } catch (error) {
          if (!(error instanceof QueueError) || error.recovery !== 'retry') throw error;
          if (since === undefined) {
            since = clock.elapsed();
            emit({ type: 'queue.down', queue, reason: error.message, waitMs });
          }
          if (giveUpMs !== undefined && clock.elapsed() - since > giveUpMs)
            throw gaveUp(queue, giveUpMs, error);
          await clock.sleep(waitMs, signal);
        }
      }
    },
  };
}

function gaveUp(queue: string, afterMs: number, cause: QueueError): RunError {
  return new RunError(`${queue} is down: ${cause.message}; waited ${Math.round(afterMs / 1000)} s`, {
    code: 'queue.down',
    recovery: 'retry',
    hint: 'start the queue; the run goes on where it stopped',
    cause,
  });
}
