import type { EntryStore } from '../store/entries.ts';

/**
 * The identities of the entries that a person may mean by a name: an id, a list, a service or a group. As the last known
 * version of the file says, for those who must not need a readable file.
 */
export function namedEntries(store: Pick<EntryStore, 'all'>, name: string | undefined): ReadonlySet<string> {
  if (name === undefined) return new Set();
  const found = store
    .all()
    .filter(({ raw }) => ['id', 'list_id', 'service'].some((field) => raw[field] === name));
  return new Set(found.map(({ identity }) => identity));
}
