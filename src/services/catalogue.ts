import type { Entry } from '../model/entry.ts';
import { serviceName } from '../model/entry.ts';
import type { EntryFault, Service } from './contract.ts';
import { createDemoService } from './demo.ts';
import { createListsService } from './lists.ts';
import { createSisuServices } from './sisu-service.ts';

/** Every service there is, by name. A new one is a line here. */
export interface Catalogue {
  /** The service of an entry. @throws RangeError for an entry that `check` finds fault with, and for a group */
  of(entry: Entry): Service;
  /** What is wrong with a well-formed entry in the eyes of its service. */
  check(entry: Entry): EntryFault | undefined;
  /** The services that one name stands for together, in their order. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** What an entry runs that no other entry may run too: an ordinal has one owner (S16). */
  single(entry: Entry): string | undefined;
  close(): Promise<void>;
}

export function createCatalogue(
  services: readonly Service[] = [createListsService(), createDemoService(), ...createSisuServices()],
): Catalogue {
  const byName = new Map(services.map((service) => [service.name, service]));
  const groups = Map.groupBy(
    services.filter(({ group }) => group !== undefined).map(({ name, group = '' }) => ({ name, group })),
    ({ group }) => group,
  );
  const members = new Map([...groups].map(([group, all]) => [group, all.map(({ name }) => name)]));
  const names = namesOf(services).filter((name) => name !== 'lists');
  return {
    of(entry) {
      const service = byName.get(serviceName(entry));
      if (!service) throw new RangeError(`no service "${serviceName(entry)}"`);
      return service;
    },
    check(entry) {
      if (entry.service === 'lists') return listByName;
      // What fits the first of a group fits them all.
      const service = byName.get(serviceName(entry));
      if (service) return objectFault(entry) ?? service.check(entry);
      const inGroup = members.get(serviceName(entry));
      if (inGroup)
        return groupFault(entry, inGroup) ?? byName.get(inGroup[0] ?? '')?.check(withoutOrdinal(entry));
      const meant = names.find((name) => name.toUpperCase() === entry.service?.toUpperCase());
      if (meant !== undefined) return { field: 'service', message: `is spelt "${meant}"` };
      return { field: 'service', message: `must be one of: ${names.map((name) => `"${name}"`).join(', ')}` };
    },
    groups: members,
    single: ({ service = '' }) => (members.has(service) || byName.get(service)?.group ? service : undefined),
    async close() {
      for (const service of services.toReversed()) await service.close();
    },
  };
}

/** Each group before the first of its services. */
function namesOf(services: readonly Service[]): readonly string[] {
  const names = services.flatMap(({ name, group }) => (group === undefined ? [name] : [group, name]));
  return [...new Set(names)];
}

/** `lists` is what an entry with a list_id runs by; it cannot be asked for without one. */
const listByName: EntryFault = {
  field: 'service',
  message: 'is not for lists: write "list_id": "the id of the list" in its place',
};

/** An object by service is for groups. */
function objectFault({ latest_ordinal: ordinal, paused, list_id: list }: Entry): EntryFault | undefined {
  const what = `this is one ${list === undefined ? 'service' : 'list'}`;
  if (typeof ordinal === 'object' && ordinal !== null) {
    return { field: 'latest_ordinal', message: `must be a whole number or null: ${what}` };
  }
  return typeof paused === 'object'
    ? { field: 'paused', message: `must be true or false: ${what}` }
    : undefined;
}

function groupFault(
  { latest_ordinal: ordinal, paused }: Entry,
  members: readonly string[],
): EntryFault | undefined {
  if (typeof ordinal === 'number') {
    return {
      field: 'latest_ordinal',
      message: `must be an object by service, like { "${members[0]}": ${ordinal} }`,
    };
  }
  const strayIn = (byService: unknown): string | undefined =>
    Object.keys(Object(byService)).find((name) => !members.includes(name));
  const stray = { latest_ordinal: strayIn(ordinal), paused: strayIn(paused) };
  for (const field of ['latest_ordinal', 'paused'] as const) {
    if (stray[field] !== undefined) return { field, message: `knows no service "${stray[field]}"` };
  }
  return undefined;
}

function withoutOrdinal({ latest_ordinal: _ordinals, ...others }: Entry): Entry {
  return others;
}
