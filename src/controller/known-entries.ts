import { type Entry, entryLabel } from '../model/entry.ts';
import type { EntryName, FileProblem } from '../model/events.ts';
import type { KnownEntry } from '../state/match.ts';
import type { ParsedEntry, RawEntry } from '../state/parse.ts';

/** An entry of the version of the file that is in force. */
export interface KnownStateEntry extends EntryName {
  /** What a person calls it in commands: its `id`, or its list or service, with a number where that repeats. */
  readonly id: string;
  readonly entry: Entry;
  readonly raw: RawEntry;
  /** Why it must not run. */
  readonly problem: FileProblem | undefined;
}

/** Joins what was parsed with who it is (S3). Both lists are in the file's order. */
export function nameEntries(
  parsed: readonly ParsedEntry[],
  identities: readonly KnownEntry[],
): KnownStateEntry[] {
  const seen = new Map<string, number>();
  return parsed.map(({ entry, raw, problem, index }) => {
    const base = entry.id ?? entry.list_id ?? entry.service ?? 'entry';
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    const mark = count === 1 ? '' : `#${count}`;
    return {
      key: identities[index]?.identity ?? '',
      id: `${base}${mark}`,
      label: `${entryLabel(entry)}${mark}`,
      entry,
      raw,
      problem,
    };
  });
}
