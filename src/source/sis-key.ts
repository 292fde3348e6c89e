import { z } from 'zod';

/** The fields that name an entity for good; `modificationOrdinal` is the one of its metadata. */
export type KeyFields = readonly string[];

/**
 * An entity's key: the field's text, or the JSON of several, such as `["sr-1","st-2"]`, which no other fields give.
 * Undefined when one is missing, empty or no text; that makes the record a dead letter (S11).
 */
export type ReadKey = (entity: unknown, modificationOrdinal: number | undefined) => string | undefined;

export function createKeyReader(fields: KeyFields): ReadKey {
  const texts = fields.filter((field) => field !== 'modificationOrdinal');
  const shape = z.object(Object.fromEntries(texts.map((field) => [field, z.string().min(1)])));
  return (entity, modificationOrdinal) => {
    const read = shape.safeParse(entity);
    if (!read.success) return undefined;
    const values = fields.map((field) =>
      field === 'modificationOrdinal' ? modificationOrdinal : read.data[field],
    );
    if (values.includes(undefined)) return undefined;
    const [only] = values;
    return values.length === 1 && typeof only === 'string' ? only : JSON.stringify(values);
  };
}
