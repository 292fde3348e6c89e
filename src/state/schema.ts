import { z } from 'zod';
import { formatTimestamp, parseTimestamp } from '../model/time.ts';

const timezoneWords = 'a time zone like "Europe/Helsinki" or "UTC"';
const accountWords = 'text of letters, digits and _';
const ordinalWords = `a whole number from 0 to ${Number.MAX_SAFE_INTEGER} or null; for a group an object of them by service`;
const pausedWords = 'true or false (for a group also an object of them by service)';
const timestampWords = 'a UTC time like "2026-11-21T10:00:00Z", or null (which reads everything again)';

/**
 * One entry of `state.json` (S1). Unknown fields survive; every issue's message is what was expected, in words that
 * follow `"field" must be ...`. Reading turns `"null"` into null and any accepted time into `YYYY-MM-DDTHH:MM:SSZ`.
 */
export const entrySchema = z
  .looseObject({
    list_id: text('the id of a list, as text')
      .optional()
      .meta({
        description: 'The list to sync. An entry has either list_id or service.',
        examples: ['1a2d3c4b5e'],
      }),
    service: text('the name of a service, as text')
      .optional()
      .meta({
        description: 'The service to run. An entry has either list_id or service.',
        examples: ['demo'],
      }),
    latest_timestamp: timestamp()
      .optional()
      .meta({
        description:
          'How far the entry got, in UTC; written after each complete run. null reads everything again.',
        examples: [null, '2026-11-21T10:00:00Z'],
      }),
    latest_ordinal: z
      .union([ordinal(), z.record(z.string(), ordinal().nullable())], { error: ordinalWords })
      .nullable()
      .optional()
      .meta({
        description:
          'How far an entry with numbered changes got; for a group of services an object by service. 0 reads everything again.',
        examples: [0, 248_119_004, { PERSON: 248_119_004 }],
      }),
    start_offset: whole(0, Number.MAX_SAFE_INTEGER).optional().meta({
      description: 'Where a full load begins; incremental runs ignore it.',
    }),
    // The services of today take at most 1000 (Mailchimp: apis.md 1.2); each service checks its own limit.
    items_per_request: whole(1, 10_000).optional().meta({
      description: 'How many records one request asks for.',
    }),
    worker_count: whole(1, 100).optional().meta({
      description: 'How many pages are read at the same time.',
    }),
    elapsed_seconds: amount().optional().meta({
      description: 'How long the last run took; written by the controller.',
    }),
    total_updates: result(whole(0, Number.MAX_SAFE_INTEGER)).optional().meta({
      description: 'How many records the last run published; written by the controller.',
    }),
    id: text('a name, as text').optional().meta({
      description:
        'A name of your own for the entry, unique in the file. It keeps the entry known whatever else changes.',
    }),
    account: z
      .string({ error: accountWords })
      .trim()
      .regex(/^[A-Za-z0-9_]+$/, { error: accountWords })
      .optional()
      .meta({
        description: 'Which credentials to use: "x" selects MAILCHIMP_APIKEY_X.',
      }),
    sink: text('the name of a sink, as text').optional().meta({
      description: 'Where the records go, if not where the service sends them.',
    }),
    schedule: text('a cron expression like "30 3 * * *", as text')
      .optional()
      .meta({
        description: 'When to run, as a cron expression of five fields, in timezone.',
        examples: ['30 3 * * *'],
      }),
    timezone: text(timezoneWords)
      .refine(isTimezone, { error: timezoneWords })
      .optional()
      .meta({
        description: 'The time zone of schedule; UTC when absent.',
        examples: ['Europe/Helsinki'],
      }),
    refresh_seconds: whole(1, Number.MAX_SAFE_INTEGER).optional().meta({
      description: 'Run again when the start of the last complete run is older than this; 7200 when absent.',
    }),
    paused: z
      .union([z.boolean(), z.record(z.string(), z.boolean())], { error: pausedWords })
      .optional()
      .meta({
        description:
          'true: no run starts, and the page being read is the last of a live one; for a group of services all of them, or an object by service.',
        examples: [true, { PERSON: true }],
      }),
  })
  .refine((entry) => (entry.list_id === undefined) !== (entry.service === undefined), {
    error: 'exactly one of "list_id" and "service"',
  })
  .meta({ title: 'entry', oneOf: [{ required: ['list_id'] }, { required: ['service'] }] });

/** The names a person may write in an entry, in the order of S1. */
export const entryFields: readonly string[] = Object.keys(entrySchema.shape);

/** The JSON Schema that ships as `state/state.schema.json`, for editors. */
export function stateJsonSchema(): unknown {
  return z.toJSONSchema(
    z.array(entrySchema).meta({
      title: 'Sluice state',
      description: 'What Sluice keeps in sync, one object an entry. Edit it at any time, also while it runs.',
    }),
    { io: 'input' },
  );
}

function text(expected: string) {
  return z.string({ error: expected }).trim().min(1, { error: expected });
}

function ordinal() {
  return z.int({ error: ordinalWords }).min(0, { error: ordinalWords });
}

function whole(min: number, max: number, also = '') {
  const error = `a whole number from ${min} to ${max}${also === '' ? '' : ` ${also}`}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

function amount() {
  const error = 'a number from 0 up';
  return result(z.number({ error }).min(0, { error }));
}

/** Old files hold null where nothing was written yet; that is the same as absent. */
function result<T extends z.ZodType<number>>(schema: T) {
  return schema.nullable().transform((value) => value ?? undefined);
}

function timestamp() {
  return z
    .string({ error: timestampWords })
    .refine((value) => isNullWord(value) || parseTimestamp(value) !== undefined, { error: timestampWords })
    .nullable()
    .transform((value) => normalTimestamp(value));
}

/** A timestamp in the only form that is written, null for null and `"null"`; a text that is no time stays as it is. */
export function normalTimestamp(value: string | null): string | null {
  if (value === null || isNullWord(value)) return null;
  const seconds = parseTimestamp(value);
  return seconds === undefined ? value : formatTimestamp(seconds);
}

function isNullWord(value: string): boolean {
  return value.trim() === 'null';
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
