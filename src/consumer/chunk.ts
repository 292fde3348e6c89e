import { z } from 'zod';
import { badEntity } from './bad-entity.ts';
import type { Kind } from './kinds.ts';

/** One entity, read for storing. */
export interface ChunkRecord {
  /** The values of the key columns, in their order. */
  readonly key: readonly string[];
  /** The key as one text: the id itself, or a JSON array where the key has several parts. */
  readonly name: string;
  /** `metadata.modificationOrdinal`; null for the kinds that have none. */
  readonly ordinal: number | null;
  /** ACTIVE, DRAFT or DELETED (apis.md 3.2); null where the entity has none. */
  readonly state: z.output<typeof stateSchema>;
  /** The whole entity. */
  readonly json: string;
}

/**
 * Takes the entities of a job apart. Pure.
 * Throws a ConsumerError (recovery `skip`) that names the first entity without a usable key, ordinal or document state,
 * or with the old importer's mark of a trial, `testError` (systems.md 5.1).
 */
export function readChunk(kind: Kind, entities: readonly unknown[]): ChunkRecord[] {
  return entities.map((entity, index) => readEntity(kind, entity, `entity ${index + 1}`));
}

const entitySchema = z.looseObject({});
const keySchema = z.string().min(1);
const stateSchema = z.enum(['ACTIVE', 'DRAFT', 'DELETED']).nullable();
const metadataSchema = z.object({ modificationOrdinal: z.int().min(0) });

// An index entry of Postgres holds at most 2704 bytes; the old tables took 255 characters.
const longestKey = 1000;

function readEntity(kind: Kind, entity: unknown, place: string): ChunkRecord {
  const { channel } = kind;
  const fields = entitySchema.safeParse(entity).data;
  if (fields === undefined) throw badEntity(channel, place, 'is no object');
  const key = kind.key.map(({ field }) => {
    const part = keySchema.safeParse(fields[field]).data;
    if (part === undefined) throw badEntity(channel, place, `has no usable ${field}`);
    return part;
  });
  const name = nameOf(key);
  if (Buffer.byteLength(name) > longestKey)
    throw badEntity(channel, name, `has a key of more than ${longestKey} bytes`);
  if ('testError' in fields) throw badEntity(channel, name, 'has a testError');
  // Not guessed: everything but ACTIVE takes a row away.
  const state = stateSchema.safeParse(fields['documentState'] ?? null).data;
  if (state === undefined) throw badEntity(channel, name, 'has an unknown documentState');
  return { key, name, state, ordinal: ordinalOf(fields['metadata']), json: toJson(entity) };

  function ordinalOf(metadata: unknown): number | null {
    if (kind.keeps.versions === 'last-come') return null;
    const parsed = metadataSchema.safeParse(metadata).data;
    if (parsed === undefined) throw badEntity(channel, name, 'has no usable metadata.modificationOrdinal');
    return parsed.modificationOrdinal;
  }

  function toJson(value: unknown): string {
    try {
      return JSON.stringify(value);
    } catch {
      throw badEntity(channel, name, 'is nested too deeply');
    }
  }
}

function nameOf(key: readonly string[]): string {
  const [first = '', ...others] = key;
  return others.length === 0 ? first : JSON.stringify(key);
}
