import { QueueError } from '../model/errors.ts';
import type { Chunk } from '../model/record.ts';

/** A record that the sink, or a consumer behind it, will never take. */
export interface Refused {
  readonly key: string | undefined;
  readonly value: unknown;
  readonly reason: string;
  readonly stack: string | undefined;
  readonly attempts: number;
  /** The id of the chunk in which it stood alone; its page and its halves can be read from it (S12). */
  readonly chunk: string;
}

/**
 * Publishes chunks. Where the sink refuses a record for good (a QueueError with recovery `skip`), the chunk is halved
 * until the record stands alone, so that it takes nothing else with it; halves carry `-a` and `-b` (S12).
 * @returns the records that were refused; everything else is confirmed
 * @throws what `publish` throws otherwise
 */
export async function deliver(
  chunks: readonly Chunk[],
  publish: (chunks: readonly Chunk[]) => Promise<void>,
): Promise<Refused[]> {
  const [first, ...others] = chunks;
  if (first === undefined) return [];
  try {
    await publish(chunks);
    return [];
  } catch (error) {
    if (!(error instanceof QueueError) || error.recovery !== 'skip') throw error;
    if (others.length > 0) {
      const refused: Refused[] = [];
      for (const chunk of chunks) refused.push(...(await deliver([chunk], publish)));
      return refused;
    }
    if (first.values.length === 1) {
      const reason = error.message;
      return [
        {
          key: first.keys[0],
          value: first.values[0],
          reason,
          stack: undefined,
          attempts: 1,
          chunk: first.id,
        },
      ];
    }
    const [head, tail] = halve(first);
    return [...(await deliver([head], publish)), ...(await deliver([tail], publish))];
  }
}

/** The two halves of a chunk of more than one record, the first the greater one; their ids name their parent (S12). */
export function halve({ id, keys, values, bytes }: Chunk): [Chunk, Chunk] {
  const middle = Math.ceil(values.length / 2);
  return [
    { id: `${id}-a`, keys: keys.slice(0, middle), values: values.slice(0, middle), bytes },
    { id: `${id}-b`, keys: keys.slice(middle), values: values.slice(middle), bytes },
  ];
}
