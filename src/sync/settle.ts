import { QueueError } from '../model/errors.ts';
import type { Chunk } from '../model/record.ts';
import { halve, type Refused } from './deliver.ts';

/** What became of a chunk that is in the queue. */
export type Finished =
  | { readonly state: 'completed' }
  | {
      readonly state: 'failed';
      readonly reason: string;
      readonly stack: string | undefined;
      readonly attempts: number;
    };

export interface SettleParts {
  /** Resolves when the queue holds the chunk. */
  readonly publish: (chunk: Chunk) => Promise<void>;
  /** Resolves when a consumer has finished it, or failed at it for good. */
  readonly finished: (chunk: Chunk) => Promise<Finished>;
  /** Told as soon as a record is known to be dead; may throw to end it all. */
  readonly onDead: () => void;
}

/**
 * Publishes a chunk and waits until a consumer has finished every record of it, or has refused it. A chunk of more
 * than one record is halved at its first failure, so that a bad record takes nothing else with it (S15).
 * @returns the records that stay dead
 * @throws what the parts throw
 */
export async function settle(chunk: Chunk, parts: SettleParts): Promise<Refused[]> {
  const failure = await attempt(chunk, parts);
  if (failure === undefined) return [];
  if (chunk.values.length === 1) {
    parts.onDead();
    return [{ key: chunk.keys[0], value: chunk.values[0], chunk: chunk.id, ...failure }];
  }
  const halves = await Promise.all(halve(chunk).map(async (half) => await settle(half, parts)));
  return halves.flat();
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
