import { z } from 'zod';

/** `state/settings.json`: what is not an entry's (S21). Each is also an environment variable, `SLUICE_<NAME>`. */
export const settingsSchema = z
  .looseObject({
    parallel_entries: setting(
      4,
      1,
      100,
      'How many entries of one service (or group of services) run at the same time.',
    ),
    drain_seconds: setting(
      10,
      0,
      3600,
      'How long a quit waits for what was already asked for; the rest of the run is done after the next start (S19).',
    ),
    // One second is what the sources' clocks resolve; 2 covers either meaning of the bounds (S6).
    overlap_seconds: setting(
      60,
      2,
      86_400,
      'How far before the last sync a time-based run asks again, against changes that were late to show.',
    ),
    ordinal_overlap_seconds: setting(
      600,
      0,
      86_400,
      'How long a numbered change may take to become visible at its source; a run looks that far back for late ones.',
    ),
    confirm_wait_seconds: setting(
      60,
      0,
      86_400,
      'How long go --once waits without progress for consumers, or for a queue that is down.',
    ),
    max_waiting_jobs: setting(
      10_000,
      1,
      1_000_000_000,
      'Reading stops while more jobs than this wait in the queue.',
    ),
    max_unconfirmed_mb: setting(
      64,
      1,
      4096,
      'Reading stops while more megabytes than this are published but not confirmed.',
    ),
  })
  .extend({
    consume: z
      .string({ error: 'the name of a queue, as text' })
      .trim()
      .default('')
      .meta({
        description:
          'A queue whose jobs the controller itself stores where CONSUME_TO says: for the embedded queue, which no other process can reach.',
        examples: ['importer-queue'],
      }),
  })
  .meta({
    title: 'Sluice settings',
    description: 'Read again whenever it changes. Every setting is optional.',
  });

export type Settings = Readonly<z.output<z.ZodObject<typeof settingsSchema.shape>>>;

export type SettingName = keyof typeof settingsSchema.shape;

export const settingNames = settingsSchema.keyof().options;

/** Settings that are text; all others are numbers. */
export const textSettings: ReadonlySet<string> = new Set<SettingName>(['consume']);

/** The JSON Schema that ships as `state/settings.schema.json`, for editors. */
export function settingsJsonSchema(): unknown {
  return z.toJSONSchema(settingsSchema, { io: 'input' });
}

function setting(standard: number, min: number, max: number, description: string) {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error }).default(standard).meta({ description });
}
