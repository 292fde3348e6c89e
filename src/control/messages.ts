import { z } from 'zod';
import type { CommandAnswer, CommandPreview, GenerationReport, PersonCommand } from '../model/commands.ts';

const id = z.string().min(1);
const ids = z.union([z.literal('all'), z.array(id).min(1)]);

/** What is posted to `/command` and `/preview`. */
export const commandSchema: z.ZodType<PersonCommand> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('run'), id }),
  z.strictObject({ type: z.literal('reset'), id }),
  z.strictObject({ type: z.literal('pause'), ids }),
  z.strictObject({ type: z.literal('resume'), ids }),
  z.strictObject({ type: z.literal('set'), id, fields: z.record(z.string(), z.json()) }),
  z.strictObject({ type: z.literal('cancel'), id }),
  z.strictObject({ type: z.literal('undo'), generation: z.int().min(0) }),
]);

const refusal = { message: z.string(), hint: z.string().nullable(), mistaken: z.boolean() };

/** What `/command` answers. */
export const answerSchema: z.ZodType<CommandAnswer> = z.discriminatedUnion('done', [
  z.object({ done: z.literal(true), message: z.string() }),
  z.object({ done: z.literal(false), ...refusal }),
]);

/** What `/preview` answers. */
export const previewSchema: z.ZodType<CommandPreview> = z.object({
  refusal: z.object(refusal).nullable(),
  changes: z.array(z.string()),
  costs: z.array(z.object({ label: z.string(), text: z.string() })),
});

/** What `/generations` answers. */
export const generationsSchema: z.ZodType<readonly GenerationReport[]> = z.array(
  z.object({
    number: z.number(),
    time: z.string(),
    by: z.string(),
    run: z.string().nullable(),
    changes: z.array(z.string()),
  }),
);
