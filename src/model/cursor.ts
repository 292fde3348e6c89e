import type { Entry } from './entry.ts';

/** How far an entry got: a timestamp (`YYYY-MM-DDTHH:MM:SSZ`), an ordinal, or null for not at all. */
export type Cursor = string | number | null;

/** The entry's cursor as the file has it; null for a group, whose services have one each. */
export function entryCursor({ latest_timestamp: timestamp, latest_ordinal: ordinal }: Entry): Cursor {
  return timestamp ?? (typeof ordinal === 'number' ? ordinal : null);
}

/** The field of `state.json` that holds such a cursor, with the cursor; nothing for null. */
export function cursorFields(cursor: Cursor): { latest_timestamp?: string; latest_ordinal?: number } {
  if (cursor === null) return {};
  return typeof cursor === 'string' ? { latest_timestamp: cursor } : { latest_ordinal: cursor };
}
