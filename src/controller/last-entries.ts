import type { Cursor } from '../model/cursor.ts';
import { memberKey } from '../state/group.ts';
import type { EntryStore, StoredEntry } from '../store/entries.ts';

/** What the last known version of the file says, by the keys of entries and of the services in groups. */
export interface LastEntries {
  /** The identities of the entries that a person may mean by a name: an id, a list, a service or a group. */
  named(name: string | undefined): ReadonlySet<string>;
  cursors(): ReadonlyMap<string, Cursor>;
}

/** For those who must not need a readable file. */
export function createLastEntries(store: Pick<EntryStore, 'all'>): LastEntries {
  return {
    named(name) {
      if (name === undefined) return new Set();
      const found = store
        .all()
        .filter(({ raw }) => ['id', 'list_id', 'service'].some((field) => raw[field] === name));
      return new Set(found.map(({ identity }) => identity));
    },
    cursors: () => new Map(store.all().flatMap(cursorsOf)),
  };
}

function cursorsOf({ identity, raw }: StoredEntry): [string, Cursor][] {
  const { latest_timestamp: timestamp, latest_ordinal: ordinal } = raw;
  if (typeof timestamp === 'string') return [[identity, timestamp]];
  if (typeof ordinal === 'number') return [[identity, ordinal]];
  if (typeof ordinal !== 'object' || ordinal === null) return [];
  return Object.entries(ordinal).flatMap(([service, value]: [string, unknown]): [string, Cursor][] =>
    typeof value === 'number' ? [[memberKey(identity, service), value]] : [],
  );
}
