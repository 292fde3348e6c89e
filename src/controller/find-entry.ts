import { SettingError } from '../model/errors.ts';
import { didYouMean } from '../state/did-you-mean.ts';
import { ownerOf } from '../state/group.ts';
import type { Groups, KnownStateEntry } from './known-entries.ts';

/** What a person names: an entry of the file, with what stands for it in status; a group's entry stands for many. */
export interface Target {
  /** The identity to write to. */
  readonly key: string;
  readonly label: string;
  readonly entries: readonly KnownStateEntry[];
  /** The group's name, when it is one. */
  readonly group: string | undefined;
}

/**
 * What a person means by a name: the id that `status` prints, a group's service, or a list or service where only one
 * entry has it.
 * @throws SettingError with what there is, when it is none or several
 */
export function findTarget(entries: readonly KnownStateEntry[], groups: Groups, name: string): Target {
  const all = allTargets(entries, groups);
  const byId = targetsOf(entries.filter(({ id }) => id === name));
  const byGroup = all.filter(({ group }) => group === name);
  const byWhat = targetsOf(entries.filter(({ entry }) => entry.list_id === name || entry.service === name));
  const found = [byId, byGroup, byWhat].find((targets) => targets.length > 0) ?? [];
  const [only, ...others] = found;
  if (only && others.length === 0) return only;
  const ids = entries.map(({ id }) => id);
  if (only) {
    const several = list(found.flatMap(({ entries: [entry] }) => entry?.id ?? []));
    throw new SettingError(`"${name}" may be any of ${several}`, 'name one of these, as status prints them');
  }
  // A group before the many that stand in it.
  const names = [...all.map(({ group, entries: [entry] }) => group ?? entry?.id ?? ''), ...ids];
  const meant = didYouMean(name, names);
  throw new SettingError(
    `there is no entry "${name}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
    names.length === 0 ? 'the state file holds no entries' : `there are: ${list([...new Set(names)])}`,
  );
}

/** Every entry of the file. */
export function allTargets(entries: readonly KnownStateEntry[], groups: Groups): readonly Target[] {
  const single = targetsOf(entries.filter(({ group }) => group === undefined));
  const members = Map.groupBy(
    entries.filter(({ group }) => group !== undefined),
    ({ key }) => ownerOf(key).identity,
  );
  const together = [...members].map(([key, stood]): Target => {
    const name = groupOf(stood[0], groups);
    return { key, label: `service "${name}"`, entries: stood, group: name };
  });
  return [...single, ...together];
}

/** The name of the group that an entry of status stands in. */
export function groupOf(entry: KnownStateEntry | undefined, groups: Groups): string {
  const service = entry?.entry.service ?? '';
  return [...groups].find(([, services]) => services.includes(service))?.[0] ?? '';
}

function targetsOf(entries: readonly KnownStateEntry[]): readonly Target[] {
  return entries.map((entry) => ({ key: entry.key, label: entry.label, entries: [entry], group: undefined }));
}

const mostNamed = 20;

function list(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return `${names.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
