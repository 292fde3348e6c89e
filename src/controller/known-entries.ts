import { type Entry, entryLabel } from '../model/entry.ts';
import type { EntryName, FileProblem } from '../model/events.ts';
import { memberKey, memberOf } from '../state/group.ts';
import type { KnownEntry } from '../state/match.ts';
import type { ParsedEntry, RawEntry } from '../state/parse.ts';

/** An entry of the version of the file that is in force; for a group, one of its services. */
export interface KnownStateEntry extends EntryName {
  /** What a person calls it in commands: its `id`, or its list or service, with a number where that repeats. */
  readonly id: string;
  readonly entry: Entry;
  readonly raw: RawEntry;
  /** Why it must not run. */
  readonly problem: FileProblem | undefined;
  /** The group's entry that it stands in (S16). */
  readonly group: GroupEntry | undefined;
}

/** An entry of the file that stands for several services. */
export interface GroupEntry extends EntryName {
  /** What a person calls all of them together: its `id`, or the group's name. */
  readonly id: string;
  /** The group's name, as the entry's `service` has it. */
  readonly service: string;
  readonly raw: RawEntry;
}

/** The services that an entry's `service` may stand for together, by that name. */
export type Groups = ReadonlyMap<string, readonly string[]>;

/**
 * Joins what was parsed with who it is (S3). Both lists are in the file's order. A group becomes its services, but for
 * those that have an entry of their own (S16); their keys are the group's identity, `/` and the service.
 */
export function nameEntries(
  parsed: readonly ParsedEntry[],
  identities: readonly KnownEntry[],
  groups: Groups,
): KnownStateEntry[] {
  const own = new Set(parsed.map(({ entry }) => entry.service));
  const seen = new Map<string, number>();
  const called = ({ entry }: ParsedEntry, key: string) => {
    const base = entry.id ?? entry.list_id ?? entry.service ?? 'entry';
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    const mark = count === 1 ? '' : `#${count}`;
    return { key, id: `${base}${mark}`, label: `${entryLabel(entry)}${mark}` };
  };
  const name = (found: ParsedEntry, key: string, group: GroupEntry | undefined): KnownStateEntry => {
    const { entry, raw, problem } = found;
    return { ...called(found, key), entry, raw, problem, group };
  };
  return parsed.flatMap((found) => {
    const identity = identities[found.index]?.identity ?? '';
    const members = groups.get(found.entry.service ?? '');
    if (!members || found.problem) return [name(found, identity, undefined)];
    const standing = members.filter((service) => !own.has(service));
    if (standing.length === 0) return [];
    const { entry, raw } = found;
    const group = { ...called(found, identity), service: entry.service ?? '', raw };
    return standing.map((service) => name(asMember(found, service), memberKey(identity, service), group));
  });
}

function asMember(found: ParsedEntry, service: string): ParsedEntry {
  const { id: _id, latest_ordinal: ordinals, paused, ...others } = found.entry;
  const ordinal = typeof ordinals === 'object' ? ordinals?.[service] : undefined;
  const isPaused = typeof paused === 'object' ? paused[service] : paused;
  return {
    ...found,
    entry: {
      ...others,
      service,
      ...(ordinal === undefined ? {} : { latest_ordinal: ordinal }),
      ...(isPaused === undefined ? {} : { paused: isPaused }),
    },
    raw: memberOf(found.raw, service),
  };
}
