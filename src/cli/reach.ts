import type { Entry } from '../model/entry.ts';
import type { Catalogue } from '../services/catalogue.ts';
import type { OpenedSource } from '../services/contract.ts';

/** Asks a source for as little as it gives. @returns what it has, in words */
export async function reach(opened: OpenedSource, entry: Entry, signal: AbortSignal): Promise<string> {
  switch (opened.kind) {
    case 'ranged':
      return `${(await opened.source.probe(null, signal)).total} records`;
    case 'chained': {
      const after = typeof entry.latest_ordinal === 'number' ? entry.latest_ordinal : 0;
      const { records, hasMore } = await opened.source.read({ after, limit: 1 }, signal);
      return `${records.length > 0 || hasMore ? 'changes' : 'nothing'} after ordinal ${after}`;
    }
    case 'whole':
      return `${(await opened.source.read(signal)).records.length} records`;
    default:
      return opened satisfies never;
  }
}

/** The entries with each service of a group as one of its own, but those that have an entry already (S16). */
export function singles(entries: readonly Entry[], groups: Catalogue['groups']): readonly Entry[] {
  const own = new Set(entries.map(({ service }) => service));
  return entries.flatMap((entry) => {
    const members = groups.get(entry.service ?? '')?.filter((name) => !own.has(name));
    return members?.map((name) => memberOf(entry, name)) ?? [entry];
  });
}

function memberOf({ latest_ordinal: ordinals }: Entry, service: string): Entry {
  return { service, latest_ordinal: typeof ordinals === 'object' ? ordinals?.[service] : undefined };
}
