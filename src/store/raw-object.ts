import { z } from 'zod';

const schema = z.record(z.string(), z.unknown());

/** A column that holds a JSON object. @throws when it holds anything else: the database is damaged */
export function rawObject(column: unknown): Readonly<Record<string, unknown>> {
  return schema.parse(JSON.parse(String(column)));
}
