import { canonical } from './canonical.ts';
import { matchEntries } from './match.ts';
import type { RawEntry } from './parse.ts';

/** An entry of one version of the file, with what people call it. */
export interface NamedEntry {
  readonly label: string;
  readonly raw: RawEntry;
}

/** What changed about one entry. */
export interface Difference {
  readonly label: string;
  /** `added`, `removed` or its fields: `latest_timestamp 2026-11-21T08:00:00Z -> null, paused (none) -> true`. */
  readonly text: string;
}

/**
 * What a person would see change between two versions of the file, one difference an entry. Order and spelling are no
 * difference. Which entry is which is decided as for any new version (S3). Pure.
 */
export function differences(older: readonly NamedEntry[], newer: readonly NamedEntry[]): Difference[] {
  // What stayed as it was, where it was, is itself: of thousands of entries a few differ.
  const moved = older.map(({ raw }, place) => JSON.stringify(raw) !== JSON.stringify(newer[place]?.raw));
  const before = older.filter((_, place) => moved[place]);
  const after = newer.filter((_, place) => moved[place] !== false);
  const known = before.map(({ raw }, index) => ({ identity: String(index), raw }));
  const { entries, gone } = matchEntries(
    known,
    after.map(({ raw }) => raw),
    () => '',
  );
  const changed = entries.flatMap(({ kind, identity }, index) => {
    const now = after[index];
    if (!now) return [];
    const then = kind === 'same' ? before[Number(identity)] : undefined;
    if (!then) return [{ label: now.label, text: 'added' }];
    const fields = changedFields(then.raw, now.raw);
    return fields.length === 0 ? [] : [{ label: then.label, text: fields.join(', ') }];
  });
  const removed = gone.map((identity) => {
    return { label: before[Number(identity)]?.label ?? 'an entry', text: 'removed' };
  });
  return [...changed, ...removed];
}

function changedFields(before: RawEntry, after: RawEntry): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((name) => canonical(before[name]) !== canonical(after[name]) || name in before !== name in after)
    .map((name) => `${name} ${shown(before, name)} -> ${shown(after, name)}`);
}

const longest = 60;

/** A value on one line, without the quotes where nothing can be mistaken. */
function shown(raw: RawEntry, name: string): string {
  if (!(name in raw)) return '(none)';
  const value = raw[name];
  const text = typeof value === 'string' && /^[\w.:+-]+$/.test(value) ? value : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
}
