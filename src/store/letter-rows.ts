import { z } from 'zod';
import type { SinkPlace } from '../model/record.ts';

/** What a list needs to know of a dead letter. Times are epoch milliseconds. */
export interface StoredSummary {
  readonly id: number;
  /** The entry's key, and what people called it. */
  readonly entry: string;
  readonly label: string;
  readonly service: string;
  readonly key: string | undefined;
  readonly version: number | undefined;
  readonly reason: string;
  readonly attempts: number;
  readonly first: number;
  readonly last: number;
  /** The id under which it is on its way again. */
  readonly retrying: string | undefined;
  /** The record was published again since, in a version that is not older. */
  readonly isOvertaken: boolean;
}

export interface StoredLetter extends StoredSummary {
  readonly run: string;
  readonly stack: string | undefined;
  /** The payload as JSON. */
  readonly text: string;
  /** Undefined where an earlier version did not note it. */
  readonly place: SinkPlace | undefined;
  readonly chunk: string | undefined;
  readonly retries: number;
}

const text = z.string().nullable();

const summarySchema = z.object({
  id: z.number(),
  entry: z.string(),
  label: z.string(),
  service: z.string(),
  key: text,
  version: z.number().nullable(),
  reason: z.string(),
  attempts: z.number(),
  first: z.number(),
  last: z.number(),
  retrying: text,
  overtaken: z.number(),
});

const letterSchema = summarySchema.extend({
  run: z.string(),
  stack: text,
  payload: z.string(),
  queue: text,
  job: text,
  grade: z.enum(['queued', 'processed']).nullable(),
  chunk: text,
  retries: z.number(),
});

/** @throws ZodError when a row holds what no dead letter is */
export function readSummary(row: unknown): StoredSummary {
  return summaryOf(summarySchema.parse(row));
}

/** @throws ZodError as `readSummary` */
export function readLetter(row: unknown): StoredLetter {
  const letter = letterSchema.parse(row);
  const { run, stack, payload, queue, job, grade, chunk, retries } = letter;
  const isPlaced = queue !== null && job !== null && grade !== null;
  return {
    ...summaryOf(letter),
    run,
    stack: stack ?? undefined,
    text: payload,
    place: isPlaced ? { queue, job, grade } : undefined,
    chunk: chunk ?? undefined,
    retries,
  };
}

function summaryOf(row: z.infer<typeof summarySchema>): StoredSummary {
  const { id, entry, label, service, reason, attempts, first, last, key, version, retrying } = row;
  return {
    id,
    entry,
    label,
    service,
    key: key ?? undefined,
    version: version ?? undefined,
    reason,
    attempts,
    first,
    last,
    retrying: retrying ?? undefined,
    isOvertaken: row.overtaken !== 0,
  };
}
