import type { DatabaseSync } from 'node:sqlite';
import { rawObject } from './raw-object.ts';
import type { Commit } from './transaction.ts';

/** An entry of the last known state file: its identity and its object (S3). */
export interface StoredEntry {
  readonly identity: string;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** The identities of the entries, kept here and never in the file (S3). */
export interface EntryStore {
  /** In the file's order. */
  all(): StoredEntry[];
  replace(entries: readonly StoredEntry[]): void;
}

export function createEntryStore(db: DatabaseSync, commit: Commit): EntryStore {
  const select = db.prepare('SELECT key, raw FROM entry ORDER BY position');
  const clear = db.prepare('DELETE FROM entry');
  const insert = db.prepare('INSERT INTO entry (key, position, raw) VALUES (?, ?, ?)');
  return {
    all: () => select.all().map((row) => ({ identity: String(row['key']), raw: rawObject(row['raw']) })),
    replace(entries) {
      commit('store.entries', () => {
        clear.run();
        for (const [position, { identity, raw }] of entries.entries()) {
          insert.run(identity, position, JSON.stringify(raw));
        }
      });
    },
  };
}
