import type { Cost, PersonCommand } from '../model/commands.ts';
import type { Entry } from '../model/entry.ts';
import { SettingError } from '../model/errors.ts';
import { fieldValue } from '../state/field-values.ts';
import { fieldsByService, inGroup, ownerOf, pausedInGroup } from '../state/group.ts';
import type { JsonValue } from '../state/merge.ts';
import { allTargets, findTarget, standingIn, type Target } from './find-entry.ts';
import type { GroupEntry, KnownStateEntry } from './known-entries.ts';

/** The commands that are nothing but a write into entries. */
export type WriteCommand = Extract<PersonCommand, { type: 'reset' | 'pause' | 'resume' | 'set' }>;

/** What a command writes into one entry of the file. */
export interface PersonWrite {
  /** The identity of the entry; one service of a group's entry is written through that one. */
  readonly key: string;
  /** Whom a person named by it. */
  readonly labels: readonly string[];
  readonly fields: Readonly<Record<string, JsonValue>>;
  /** What it changes beyond what the person named. */
  readonly beyond?: Cost;
}

/** What is wrong with a well-formed entry in the eyes of its service. */
export type CheckEntry = (entry: Entry) => unknown;

/**
 * What a command writes. Pure.
 * @throws SettingError for an entry that there is not, and a value that cannot be
 */
export function writesOf(
  command: WriteCommand,
  entries: readonly KnownStateEntry[],
  check: CheckEntry,
): readonly PersonWrite[] {
  switch (command.type) {
    case 'pause':
    case 'resume': {
      const { type, ids } = command;
      const targets = ids === 'all' ? allTargets(entries) : ids.map((id) => findTarget(entries, id));
      return pauseWrites(targets, entries, type === 'pause');
    }
    case 'set': {
      const fields = Object.fromEntries(
        Object.entries(command.fields).map(([name, value]) => [name, fieldValue(name, value)]),
      );
      const target = findTarget(entries, command.id);
      const group = memberGroup(target);
      return [
        group
          ? setMember(target, group, fields, entries)
          : { key: target.key, labels: [calledAs(target)], fields },
      ];
    }
    case 'reset': {
      const target = findTarget(entries, command.id);
      return [{ key: target.key, labels: [calledAs(target)], fields: resetFields(target, check) }];
    }
    default:
      return command satisfies never;
  }
}

/** What pauses entries, or lets them go on; services of one group's entry in one write. Pure. */
export function pauseWrites(
  targets: readonly Target[],
  entries: readonly KnownStateEntry[],
  paused: boolean,
): readonly PersonWrite[] {
  return [...Map.groupBy(targets, ({ key }) => ownerOf(key).identity)].map(([key, same]): PersonWrite => {
    const labels = [...new Set(same.map(calledAs))];
    const [first] = same;
    const group = first && memberGroup(first);
    // Who names the whole group along with some of it means the group.
    const isWhole = !group || same.some((target) => target.group !== undefined);
    if (!isWhole) {
      const value = pausedInGroup(group.raw, standing(group, entries), same.flatMap(servicesOf), paused);
      return { key, labels, fields: value === undefined ? {} : { paused: value } };
    }
    // Nothing is added to an entry that says nothing and runs.
    const isSaid = same.some(({ entries: all }) => all.some(({ raw }) => raw['paused'] !== undefined));
    return { key, labels, fields: paused || isSaid ? { paused } : {} };
  });
}

/** What a person hears of a target: a group with how many it stands for. */
export function calledAs({ label, group, entries }: Target): string {
  return group ? `${label} (all ${entries.length} services)` : label;
}

/** The group's entry that one service stands in; undefined for an entry of the file. */
function memberGroup({ group, entries: [entry] }: Target): GroupEntry | undefined {
  return group ? undefined : entry?.group;
}

/** Fields of one service of a group's entry: some are its own, most are those of all. @throws SettingError */
function setMember(
  target: Target,
  group: GroupEntry,
  { paused, ...fields }: Readonly<Record<string, JsonValue>>,
  entries: readonly KnownStateEntry[],
): PersonWrite {
  if (typeof paused === 'object') {
    throw new SettingError(
      `"paused" must be true or false: ${target.label} is one service`,
      `set "${group.id}" for several`,
    );
  }
  const naming = Object.keys(fields).find((name) => ['service', 'list_id', 'id'].includes(name));
  if (naming !== undefined) {
    throw new SettingError(
      `${target.label} stands in the entry "${group.id}", whose ${naming} is that of all its services`,
      `set "${group.id}" ${naming}=..., or give "${target.label}" an entry of its own in state.json`,
    );
  }
  const services = standing(group, entries);
  const [service = ''] = servicesOf(target);
  const isPaused =
    typeof paused === 'boolean' ? pausedInGroup(group.raw, services, [service], paused) : undefined;
  const shared = Object.keys(fields).filter((name) => !fieldsByService.includes(name));
  return {
    key: group.key,
    labels: [target.label],
    fields: {
      ...inGroup(fields, service),
      ...(isPaused === undefined ? {} : { paused: isPaused }),
    },
    ...(shared.length === 0
      ? {}
      : {
          beyond: {
            label: target.label,
            text: `stands in "${group.id}": ${shared.join(', ')} counts for all its ${services.length} services`,
          },
        }),
  };
}

function servicesOf({ entries }: Target): readonly string[] {
  return entries.flatMap(({ entry }) => entry.service ?? []);
}

function standing(group: GroupEntry, entries: readonly KnownStateEntry[]): readonly string[] {
  return standingIn(group, entries).flatMap(({ entry }) => entry.service ?? []);
}

/** The cursor at the beginning; nothing for one that stands there. @throws SettingError for an entry without one */
function resetFields({ label, entries, group }: Target, check: CheckEntry): PersonWrite['fields'] {
  const fields = entries.map((entry) => ({ entry, fields: resetEntry(entry, check) }));
  if (group === undefined) {
    const [found] = fields;
    if (found?.fields) return found.fields;
    throw new SettingError(`${label} has no cursor to reset`, 'each of its runs reads everything');
  }
  const numbered = fields.filter((found) => found.fields && 'latest_ordinal' in found.fields);
  return { latest_ordinal: Object.fromEntries(numbered.map(({ entry }) => [entry.entry.service ?? '', 0])) };
}

/** Which of the two cursors a service is followed by is known by the one it accepts. */
function resetEntry({ entry, raw }: KnownStateEntry, check: CheckEntry): PersonWrite['fields'] | undefined {
  const { latest_timestamp: _time, latest_ordinal: _ordinal, ...rest } = entry;
  if (!check({ ...rest, latest_timestamp: anyTime })) {
    return raw['latest_timestamp'] === undefined ? {} : { latest_timestamp: null };
  }
  return check({ ...rest, latest_ordinal: 0 }) ? undefined : { latest_ordinal: 0 };
}

const anyTime = '2026-01-01T00:00:00Z';
