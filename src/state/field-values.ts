import { z } from 'zod';
import { SettingError } from '../model/errors.ts';
import { didYouMean } from './did-you-mean.ts';
import type { JsonValue } from './merge.ts';
import { entrySchema } from './schema.ts';

/** What the last run reported: nothing a person could mean by writing it. */
const results: ReadonlySet<string> = new Set(['elapsed_seconds', 'total_updates']);

const schemas: Readonly<Record<string, z.ZodType>> = entrySchema.shape;

/** The fields that a person may write by a command (S1). */
export const settableFields: readonly string[] = Object.keys(schemas).filter((name) => !results.has(name));

/**
 * A value for one field of an entry in the form that is written: `"null"` is null, a time ends in `Z`.
 * @throws SettingError when there is no such field, or the value cannot be one of it
 */
export function fieldValue(field: string, value: unknown): JsonValue {
  const read = schemaOf(field).safeParse(value);
  const written = read.success ? z.json().safeParse(read.data) : undefined;
  if (written?.success) return written.data;
  const expected = read.error?.issues[0]?.message ?? 'a value of another kind';
  throw new SettingError(
    `"${field}" must be ${expected}, found ${JSON.stringify(value) ?? 'nothing'}`,
    nothingWritten,
  );
}

/**
 * `worker_count=8`, `latest_timestamp=null` or `schedule=0 3 * * *` as a field and its value: JSON where that fits the
 * field, else the text as it stands (a list's id may be all digits).
 * @throws SettingError
 */
export function readAssignment(text: string): readonly [field: string, value: JsonValue] {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new SettingError(`"${text}" is no field with a value`, 'expected field=value: worker_count=8');
  }
  const field = text.slice(0, at);
  const written = text.slice(at + 1);
  const schema = schemaOf(field);
  if (written === '') {
    const hint = 'to remove a field, edit state.json; it may be edited at any time';
    throw new SettingError(`"${field}" has no value`, hint);
  }
  const json = parseJson(written);
  // Null is what people write for "none": an account or an id of that name is not what they mean.
  const isText = json !== null && !schema.safeParse(json).success && schema.safeParse(written).success;
  return [field, fieldValue(field, isText || json === undefined ? written : json)];
}

const nothingWritten = 'nothing was written';

function schemaOf(field: string): z.ZodType {
  const schema = settableFields.includes(field) ? schemas[field] : undefined;
  if (schema) return schema;
  if (results.has(field)) {
    throw new SettingError(
      `"${field}" is what the last run reported: it is written by the controller`,
      nothingWritten,
    );
  }
  const meant = didYouMean(field, settableFields);
  throw new SettingError(
    `there is no field "${field}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
    `there are: ${settableFields.join(', ')}`,
  );
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return z.json().parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
