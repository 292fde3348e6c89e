import { z } from 'zod';
import { SourceError } from '../model/errors.ts';
import type { ChainedPage, SourceRecord } from '../model/record.ts';
import { parseTimestamp } from '../model/time.ts';
import { unlike } from './sis-answer.ts';
import type { ReadKey } from './sis-key.ts';

// Infinity included, which JSON can say as 1e999 and z.number() does not take.
const numberShape = z.custom<number>((value) => typeof value === 'number', 'expected a number');

const pageShape = z.object({
  entities: z.array(z.unknown()).nullish(),
  hasMore: z.boolean(),
  greatestOrdinal: numberShape.nullish(),
});

// Only what is used; whatever else is there or missing is the consumer's to judge.
const metadataShape = z.object({
  metadata: z.object({
    modificationOrdinal: numberShape.optional().catch(undefined),
    lastModifiedOn: z.string().optional().catch(undefined),
  }),
});

export interface PageContext {
  /** The ordinal that was asked for. */
  readonly after: number;
  readonly limit: number;
  readonly readKey: ReadKey;
}

/**
 * An answer of the export API (systems.md 2.1, apis.md 3.2) as a page. Version is the entity's modificationOrdinal;
 * an entity without it or without its key has the page's greatest ordinal for a version and no key (S11).
 * Throws a SourceError: `source.invalid` when it is no page of at most `limit` entities, `source.unsafe_ordinal` when
 * an ordinal cannot be held exactly (S10).
 */
export function readSisPage(
  json: unknown,
  { after, limit, readKey }: PageContext,
): Pick<ChainedPage, 'records' | 'next' | 'hasMore'> {
  const page = pageShape.safeParse(json);
  if (!page.success) throw unlike(expected, page.error);
  const { hasMore } = page.data;
  const entities = page.data.entities ?? [];
  if (entities.length > limit) {
    throw unlike(expected, `${entities.length} entities came where at most ${limit} were asked for`);
  }
  const greatest = page.data.greatestOrdinal ?? 0;
  checkOrdinal(greatest, 'greatestOrdinal');
  // An answer of nothing has no greatest ordinal to name, and that is how every run ends.
  if (entities.length === 0 && !hasMore && greatest === 0) return { records: [], next: after, hasMore };
  if (typeof page.data.greatestOrdinal !== 'number') throw unlike(expected, 'greatestOrdinal is missing');
  const records = entities.map((entity, at) => readEntity(entity, { at, greatest, readKey }));
  return { records, next: greatest, hasMore };
}

const expected = 'a page of an export';

function readEntity(
  value: unknown,
  { at, greatest, readKey }: { readonly at: number; readonly greatest: number; readonly readKey: ReadKey },
): SourceRecord {
  const read = metadataShape.safeParse(value);
  const { modificationOrdinal: ordinal, lastModifiedOn } = read.success ? read.data.metadata : {};
  if (ordinal === undefined) return { key: undefined, version: greatest, value };
  checkOrdinal(ordinal, `entities.${at}.metadata.modificationOrdinal`);
  const key = readKey(value, ordinal);
  const modified = lastModifiedOn === undefined ? undefined : milliseconds(lastModifiedOn);
  return { key, version: key === undefined ? greatest : ordinal, modified, value };
}

// A time without a zone is taken for UTC. Were it Helsinki's, it would seem later than it was, and what is asked for
// again after a run (S10) only begins earlier.
function milliseconds(text: string): number | undefined {
  const seconds = parseTimestamp(text);
  return seconds === undefined ? undefined : seconds * 1000;
}

// JSON.parse rounds what is beyond 2^53 without a word; the rounded value is never a safe integer.
function checkOrdinal(ordinal: number, where: string): void {
  if (!Number.isSafeInteger(ordinal)) {
    throw new SourceError(`${where} is ${ordinal}, which is no whole number that can be held exactly`, {
      code: 'source.unsafe_ordinal',
      recovery: 'stop',
      hint: 'reading on could lose changes, so nothing was moved; Sluice has to be adapted',
    });
  }
  if (ordinal < 0) throw unlike(expected, `${where} is ${ordinal}`);
}
