import { isAbort } from '../model/errors.ts';
import type { Chunk, DeadLetter, SourceRecord } from '../model/record.ts';
import type { Sink } from '../sink/contract.ts';
import { cutChunks } from './chunks.ts';
import { deliver, type Refused } from './deliver.ts';
import type { ByteCount } from './gate.ts';
import type { Outage } from './outage.ts';
import { settleAll } from './settle.ts';
import type { Watch } from './watch.ts';

/** Takes the records of pages to the sink's grade of confirmation. One for a session. */
export interface Delivery {
  /**
   * Publishes the records of one page and resolves once each is confirmed or dead.
   * @returns the dead ones
   * @throws QueueError, RunError, what `onDead` throws; AbortError when `signal` aborts, or when the session drains before
   * consumers were done
   */
  deliver(page: number, fresh: readonly SourceRecord[], signal: AbortSignal): Promise<readonly Refused[]>;
}

export interface DeliveryParts {
  readonly runId: string;
  readonly sink: Sink;
  readonly outage: Outage;
  readonly unconfirmed: ByteCount;
  /** Present for a sink whose grade is `processed`. */
  readonly processing?: Processing | undefined;
}

export interface Processing {
  readonly watch: Watch;
  readonly receipts: Receipts;
  /** Told as soon as a record is known to be dead, and why; may throw to end the run. */
  readonly onDead: (reason: string) => void;
  /** Ends the wait for consumers, and nothing else: what was read is still published (S19). */
  readonly drain: AbortSignal;
}

/** What is in the queue and not known to be finished; it outlives the session (S13). */
export interface Receipts {
  add(id: string, page: number): void;
  remove(ids: readonly string[]): void;
}

export function createDelivery({ runId, sink, outage, unconfirmed, processing }: DeliveryParts): Delivery {
  const publish = async (chunks: readonly Chunk[], signal: AbortSignal): Promise<void> =>
    await outage.ride((inner) => sink.publish(chunks, inner), signal);

  const process = async (
    { watch, receipts, onDead, drain }: Processing,
    page: number,
    chunks: readonly Chunk[],
    signal: AbortSignal,
  ): Promise<readonly Refused[]> => {
    const ids: string[] = [];
    const failure = new AbortController();
    const publishing = AbortSignal.any([signal, failure.signal]);
    const waiting = AbortSignal.any([publishing, drain]);
    try {
      const refused = await settleAll(chunks, {
        async publish(part) {
          // First: a job without a receipt could meet its own replay.
          receipts.add(part.id, page);
          ids.push(part.id);
          await publish([part], publishing);
        },
        finished: async (part) => await watch.finished(part, waiting),
        onDead,
        onFailure(error) {
          // A drain ends the wait for consumers, and leaves alone what is on its way into the queue (S19).
          if (!isAbort(error)) failure.abort(error);
        },
      });
      receipts.remove(ids);
      return refused;
    } catch (error) {
      // What the others made of being ended is no news.
      failure.signal.throwIfAborted();
      throw error;
    }
  };

  return {
    async deliver(page, fresh, signal) {
      const chunks = cutChunks(runId, page, fresh);
      const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
      unconfirmed.value += bytes;
      try {
        if (!processing) return await deliver(chunks, async (some) => await publish(some, signal));
        return await process(processing, page, chunks, signal);
      } finally {
        unconfirmed.value -= bytes;
      }
    },
  };
}

/** Dead letters of the records that were refused. @param fresh the records of their page, which have versions */
export function lettersOf(
  service: string,
  refused: readonly Refused[],
  fresh: readonly SourceRecord[],
): DeadLetter[] {
  if (refused.length === 0) return [];
  const versions = new Map(fresh.map(({ key, version }) => [key, version]));
  return refused.map(({ key, value, reason, stack, attempts, chunk }) => ({
    service,
    key,
    version: versions.get(key),
    reason,
    stack,
    attempts,
    chunk,
    payload: value,
  }));
}
