import type { Entry } from './entry.ts';

/** How far an entry got: a timestamp (`YYYY-MM-DDTHH:MM:SSZ`), an ordinal, or null for not at all. */
export type Cursor = string | number | null;

/** What stands for "all of it was published" in the place of an ordinal, as in the old importer (systems.md 2.4). */
export const wholeCursor = 1;

/** The entry's cursor as the file has it; null for a group, whose services have one each. */
export function entryCursor({ latest_timestamp: timestamp, latest_ordinal: ordinal }: Entry): Cursor {
  return timestamp ?? (typeof ordinal === 'number' ? ordinal : null);
}

/** The field of `state.json` that holds such a cursor, with the cursor; nothing for null. */
export function cursorFields(cursor: Cursor): { latest_timestamp?: string; latest_ordinal?: number } {
  if (cursor === null) return {};
  return typeof cursor === 'string' ? { latest_timestamp: cursor } : { latest_ordinal: cursor };
}
