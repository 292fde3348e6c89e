import { SettingError } from '../model/errors.ts';
import { didYouMean } from '../state/did-you-mean.ts';
import type { GroupEntry, KnownStateEntry } from './known-entries.ts';

/** What a person names: an entry of the file, with what stands for it in status; a group's entry stands for many. */
export interface Target {
  /** The identity to write to; of one service of a group's entry, that of the service. */
  readonly key: string;
  readonly label: string;
  readonly entries: readonly KnownStateEntry[];
  /** The group's entry, when it is one as a whole. */
  readonly group: GroupEntry | undefined;
}

/**
 * What a person means by a name: the id that `status` prints of an entry or a group's entry, a group's service, or a
 * list or service where only one entry has it.
 * @throws SettingError with what there is, when it is none or several
 */
export function findTarget(entries: readonly KnownStateEntry[], name: string): Target {
  const groups = groupTargets(entries);
  const byId = [...targetsOf(entries), ...groups].filter((target) => idOf(target) === name);
  const byGroup = groups.filter(({ group }) => group?.service === name);
  const byWhat = targetsOf(entries.filter(({ entry }) => entry.list_id === name || entry.service === name));
  const found = [byId, byGroup, byWhat].find((targets) => targets.length > 0) ?? [];
  const [only, ...others] = found;
  if (only && others.length === 0) return only;
  if (only) {
    const several = list(found.map(idOf));
    throw new SettingError(`"${name}" may be any of ${several}`, 'name one of these, as status prints them');
  }
  // A group before the many that stand in it.
  const names = [...allTargets(entries).map(idOf), ...entries.map(({ id }) => id)];
  const meant = didYouMean(name, names);
  throw new SettingError(
    `there is no entry "${name}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
    names.length === 0 ? 'the state file holds no entries' : `there are: ${list([...new Set(names)])}`,
  );
}

/** Every entry of the file. */
export function allTargets(entries: readonly KnownStateEntry[]): readonly Target[] {
  return [...targetsOf(entries.filter(({ group }) => group === undefined)), ...groupTargets(entries)];
}

/** All that stand in one group's entry. */
export function standingIn(
  { key }: GroupEntry,
  entries: readonly KnownStateEntry[],
): readonly KnownStateEntry[] {
  return entries.filter(({ group }) => group?.key === key);
}

function groupTargets(entries: readonly KnownStateEntry[]): readonly Target[] {
  const groups = new Map(entries.flatMap(({ group }) => (group ? [[group.key, group] as const] : [])));
  return [...groups.values()].map((group) => {
    const { key, label } = group;
    return { key, label, entries: standingIn(group, entries), group };
  });
}

function targetsOf(entries: readonly KnownStateEntry[]): readonly Target[] {
  return entries.map((entry) => ({ key: entry.key, label: entry.label, entries: [entry], group: undefined }));
}

function idOf({ group, entries: [entry] }: Target): string {
  return group?.id ?? entry?.id ?? '';
}

const mostNamed = 20;

function list(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return `${names.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
