import type { PersonCommand } from '../model/commands.ts';
import type { Entry } from '../model/entry.ts';
import { SettingError } from '../model/errors.ts';
import { fieldValue } from '../state/field-values.ts';
import type { JsonValue } from '../state/merge.ts';
import { allTargets, findTarget, groupOf, type Target } from './find-entry.ts';
import type { Groups, KnownStateEntry } from './known-entries.ts';

/** The commands that are nothing but a write into entries. */
export type WriteCommand = Extract<PersonCommand, { type: 'reset' | 'pause' | 'resume' | 'set' }>;

/** What a command writes into one entry of the file. */
export interface PersonWrite {
  readonly target: Target;
  readonly fields: Readonly<Record<string, JsonValue>>;
}

/** What the entries are judged by. */
export interface EntryRules {
  readonly groups: Groups;
  /** What is wrong with a well-formed entry in the eyes of its service. */
  readonly check: (entry: Entry) => unknown;
}

/**
 * What a command writes. Pure.
 * @throws SettingError for an entry that there is not, and a value that cannot be
 */
export function writesOf(
  command: WriteCommand,
  entries: readonly KnownStateEntry[],
  { groups, check }: EntryRules,
): readonly PersonWrite[] {
  switch (command.type) {
    case 'pause':
    case 'resume': {
      const { type, ids } = command;
      const targets =
        ids === 'all'
          ? allTargets(entries, groups)
          : ids.map((id) => findOwn(entries, groups, id, () => true));
      return targets.map((target) => ({ target, fields: pauseFields(type === 'pause', target) }));
    }
    case 'set': {
      const fields = Object.fromEntries(
        Object.entries(command.fields).map(([name, value]) => [name, fieldValue(name, value)]),
      );
      const isShared = Object.keys(fields).some((name) => name !== 'latest_ordinal');
      return [{ target: findOwn(entries, groups, command.id, () => isShared), fields }];
    }
    case 'reset': {
      const target = findTarget(entries, groups, command.id);
      return [{ target, fields: resetFields(target, check) }];
    }
    default:
      return command satisfies never;
  }
}

/** @throws SettingError for one service of a group's entry where the field is that of them all */
export function findOwn(
  entries: readonly KnownStateEntry[],
  groups: Groups,
  id: string,
  isShared: () => boolean,
): Target {
  const target = findTarget(entries, groups, id);
  const [entry] = target.entries;
  if (target.group !== undefined || entry?.group === undefined || !isShared()) return target;
  const group = groupOf(entry, groups);
  throw new SettingError(
    `${target.label} stands in the entry "${group}", whose fields are for all its services`,
    `name "${group}" for all of them, or give "${id}" an entry of its own in state.json`,
  );
}

function pauseFields(paused: boolean, { entries }: Target): PersonWrite['fields'] {
  // Nothing is added to an entry that says nothing and runs.
  return paused || entries.some(({ raw }) => raw['paused'] !== undefined) ? { paused } : {};
}

/** The cursor at the beginning; nothing for one that stands there. @throws SettingError for an entry without one */
function resetFields({ label, entries, group }: Target, check: EntryRules['check']): PersonWrite['fields'] {
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
function resetEntry(
  { entry, raw }: KnownStateEntry,
  check: EntryRules['check'],
): PersonWrite['fields'] | undefined {
  const { latest_timestamp: _time, latest_ordinal: _ordinal, ...rest } = entry;
  if (!check({ ...rest, latest_timestamp: anyTime })) {
    return raw['latest_timestamp'] === undefined ? {} : { latest_timestamp: null };
  }
  return check({ ...rest, latest_ordinal: 0 }) ? undefined : { latest_ordinal: 0 };
}

const anyTime = '2026-01-01T00:00:00Z';
