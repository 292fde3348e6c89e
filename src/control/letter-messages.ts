import { z } from 'zod';
import type {
  LetterCommand,
  LetterDetail,
  LetterFilter,
  LetterPlan,
  LetterRecord,
} from '../model/letters.ts';

const ids = z.array(z.int().min(1)).min(1);

/** What is posted to `/letters`. */
export const letterFilterSchema: z.ZodType<LetterFilter> = z.strictObject({
  service: z.string().optional(),
  entry: z.string().optional(),
  reason: z.string().optional(),
  since: z.number().optional(),
});

/** What is posted to `/letters/plan`. */
export const letterIdsSchema = z.strictObject({ letters: ids });

/** What is posted to `/letters/command`. */
export const letterCommandSchema: z.ZodType<LetterCommand> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('retry'), letters: ids }),
  z.strictObject({ type: z.literal('drop'), letters: ids }),
]);

const record = {
  id: z.number(),
  service: z.string(),
  label: z.string(),
  key: z.string().nullable(),
  reason: z.string(),
  attempts: z.number(),
  first: z.number(),
  last: z.number(),
  isRetrying: z.boolean(),
  isOvertaken: z.boolean(),
};

/** What `/letters` answers. */
export const lettersSchema: z.ZodType<readonly LetterRecord[]> = z.array(z.object(record));

/** What `/letters/show` answers. */
export const letterSchema: z.ZodType<LetterDetail | null> = z
  .object({
    ...record,
    run: z.string(),
    chunk: z.string().nullable(),
    queue: z.string().nullable(),
    job: z.string().nullable(),
    grade: z.enum(['queued', 'processed']).nullable(),
    stack: z.string().nullable(),
    retries: z.number(),
    refusal: z.string().nullable(),
    payload: z.unknown(),
  })
  .nullable();

/** What `/letters/plan` answers. */
export const letterPlanSchema: z.ZodType<LetterPlan> = z.object({
  ids: z.array(z.number()),
  refused: z.array(z.object({ id: z.number(), reason: z.string() })),
  overtaken: z.number(),
});
