import { windowFields } from '../model/entry.ts';
import { canonical } from './canonical.ts';
import type { RawEntry } from './parse.ts';
import { normalTimestamp } from './schema.ts';

/** Where a raw entry stands, as one comparable text: absent, null and `"null"` are the same place. */
export function cursorOf(raw: RawEntry): string {
  return `${windowValue(raw, 'latest_timestamp')} ${windowValue(raw, 'latest_ordinal')}`;
}

/** The window-shaping fields in which two versions of an entry differ in meaning, not only in spelling (S1, S4). */
export function changedWindowFields(before: RawEntry, after: RawEntry): readonly string[] {
  return windowFields.filter((field) => windowValue(before, field) !== windowValue(after, field));
}

function windowValue(raw: RawEntry, field: string): string {
  const value = raw[field];
  if (value === undefined) return 'null';
  if (typeof value !== 'string') return canonical(value);
  return field === 'latest_timestamp' ? canonical(normalTimestamp(value)) : canonical(value.trim());
}
