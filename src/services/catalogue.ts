import type { Entry } from '../model/entry.ts';
import { serviceName } from '../model/entry.ts';
import type { EntryFault, Service } from './contract.ts';
import { createDemoService } from './demo.ts';
import { createListsService } from './lists.ts';

/** Every service there is, by name. A new one is a line here. */
export interface Catalogue {
  /** The service of an entry. @throws RangeError for an entry that `check` finds fault with */
  of(entry: Entry): Service;
  /** What is wrong with a well-formed entry in the eyes of its service. */
  check(entry: Entry): EntryFault | undefined;
  close(): Promise<void>;
}

export function createCatalogue(
  services: readonly Service[] = [createListsService(), createDemoService()],
): Catalogue {
  const byName = new Map(services.map((service) => [service.name, service]));
  const names = services.map(({ name }) => name).filter((name) => name !== 'lists');
  return {
    of(entry) {
      const service = byName.get(serviceName(entry));
      if (!service) throw new RangeError(`no service "${serviceName(entry)}"`);
      return service;
    },
    check(entry) {
      if (entry.service === 'lists') return listByName;
      const service = byName.get(serviceName(entry));
      if (service) return service.check(entry);
      return { field: 'service', message: `must be one of: ${names.map((name) => `"${name}"`).join(', ')}` };
    },
    async close() {
      for (const service of services.toReversed()) await service.close();
    },
  };
}

/** `lists` is what an entry with a list_id runs by; it cannot be asked for without one. */
const listByName: EntryFault = {
  field: 'service',
  message: 'is not for lists: write "list_id": "the id of the list" in its place',
};
