import type { DatabaseSync } from 'node:sqlite';

/** An entry of the last known state file: its identity and its object as JSON text (S3). */
export interface StoredEntry {
  readonly key: string;
  readonly raw: string;
}

/** The identities of the entries, kept here and never in the file (S3). */
export interface EntryStore {
  /** In the file's order. */
  all(): StoredEntry[];
  replace(entries: readonly StoredEntry[]): void;
}

export function createEntryStore(db: DatabaseSync): EntryStore {
  const select = db.prepare('SELECT key, raw FROM entry ORDER BY position');
  const clear = db.prepare('DELETE FROM entry');
  const insert = db.prepare('INSERT INTO entry (key, position, raw) VALUES (?, ?, ?)');
  return {
    all: () => select.all().map((row) => ({ key: String(row['key']), raw: String(row['raw']) })),
    replace(entries) {
      db.exec('BEGIN IMMEDIATE');
      clear.run();
      for (const [position, entry] of entries.entries()) insert.run(entry.key, position, entry.raw);
      db.exec('COMMIT');
    },
  };
}
