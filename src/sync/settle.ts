import { QueueError } from '../model/errors.ts';
import type { JobOutcome } from '../model/queues.ts';
import type { Chunk } from '../model/record.ts';
import { halve, type Refused } from './deliver.ts';

/** What became of a chunk that is in the queue. */
export type Finished = Extract<JobOutcome, { state: 'completed' | 'failed' }>;

export interface SettleParts {
  /** Resolves when the queue holds the chunk. */
  readonly publish: (chunk: Chunk) => Promise<void>;
  /** Resolves when a consumer has finished it, or failed at it for good. */
  readonly finished: (chunk: Chunk) => Promise<Finished>;
  /** Told as soon as a record is known to be dead; may throw to end it all. */
  readonly onDead: (reason: string) => void;
  /** Told what one part of the chunk failed with: the others are to come to their end. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Publishes a chunk and waits until a consumer has finished every record of it, or has refused it. A chunk of more
 * than one record is halved at its first failure, so that a bad record takes nothing else with it (S15).
 * @returns the records that stay dead
 * @throws what the parts throw
 */
export async function settle(chunk: Chunk, parts: SettleParts): Promise<Refused[]> {
  try {
    const failure = await attemptOften(chunk, parts);
    if (failure === undefined) return [];
    if (chunk.values.length > 1) return await settleAll(halve(chunk), parts);
    parts.onDead(failure.reason);
    return [{ key: chunk.keys[0], value: chunk.values[0], chunk: chunk.id, ...failure }];
  } catch (error) {
    parts.onFailure(error);
    throw error;
  }
}

/**
 * Settles chunks side by side. Where one fails the others are waited for: whoever hears of the failure must not have one
 * of them published behind his back. @throws as `settle`
 */
export async function settleAll(chunks: readonly Chunk[], parts: SettleParts): Promise<Refused[]> {
  const ends = await Promise.allSettled(chunks.map(async (chunk) => await settle(chunk, parts)));
  return ends.flatMap((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}

/**
 * A consumer that dies takes its job's attempt with it, which is no fault of the records: such a job is published anew,
 * under an id of its own, as the store would know the old one (S12).
 */
async function attemptOften(chunk: Chunk, parts: SettleParts): Promise<Failure | undefined> {
  for (let time = 1; ; time += 1) {
    const again = time === 1 ? chunk : { ...chunk, id: `${chunk.id}-s${time}` };
    const failure = await attempt(again, parts);
    if (!failure || !isAbandoned(failure) || time === mostAbandoned) return failure;
  }
}

/** What may kill every consumer that takes it is bad after all. */
const mostAbandoned = 4;

/** BullMQ's words for a job whose consumers died at it too often (bullmq 6.7, moveStalledJobsToWait). */
function isAbandoned({ reason }: Failure): boolean {
  return reason.includes('stalled more than allowable limit');
}

type Failure = Pick<Refused, 'reason' | 'stack' | 'attempts'>;

async function attempt(chunk: Chunk, { publish, finished }: SettleParts): Promise<Failure | undefined> {
  try {
    await publish(chunk);
  } catch (error) {
    // The queue itself will never take it.
    if (!(error instanceof QueueError) || error.recovery !== 'skip') throw error;
    return { reason: error.message, stack: undefined, attempts: 1 };
  }
  const end = await finished(chunk);
  return end.state === 'completed' ? undefined : end;
}
