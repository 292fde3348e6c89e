import type { DatabaseSync } from 'node:sqlite';
import { StateError } from '../model/errors.ts';
import { transaction } from './transaction.ts';

/** Each step brings the schema from its index to the next version. Steps are never edited once released. */
const steps: readonly string[] = [
  `
  -- The last known version of state.json, one row an entry in the file's order (S3).
  CREATE TABLE entry (
    key TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    raw TEXT NOT NULL
  ) STRICT;

  CREATE TABLE run (
    id TEXT PRIMARY KEY,
    entry TEXT NOT NULL,
    label TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'completing', 'done', 'dropped')),
    mode TEXT NOT NULL,
    -- The entry's object in the file when the run began (S4).
    frozen TEXT NOT NULL,
    since INTEGER,
    until INTEGER NOT NULL,
    cursor_to TEXT NOT NULL,
    started INTEGER NOT NULL,
    finished INTEGER,
    error TEXT,
    totals TEXT NOT NULL,
    -- The checkpoint (S8): version of the last record of the unbroken confirmed prefix, and the next page's number.
    version INTEGER,
    next_page INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX run_by_entry ON run (entry, started);
  CREATE INDEX run_by_state ON run (state);
  CREATE INDEX run_by_start ON run (started);

  -- The keys confirmed at exactly the checkpoint's version (S8).
  CREATE TABLE confirmed_key (
    run TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (run, key)
  ) STRICT, WITHOUT ROWID;

  -- What the newest run of an entry published within the overlap of the next one.
  CREATE TABLE tail_key (
    run TEXT NOT NULL,
    key TEXT NOT NULL,
    -- Version and hash of the content.
    stamp TEXT NOT NULL,
    PRIMARY KEY (run, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE dead_letter (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    service TEXT NOT NULL,
    key TEXT,
    reason TEXT NOT NULL,
    payload TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
  ) STRICT;
  -- With the payload, because it is all that tells records without a key apart.
  CREATE INDEX dead_letter_by_record ON dead_letter (run, key, payload);
  `,
];

/**
 * Brings a database up to the newest schema, in one transaction.
 * @throws StateError when the database was written by a newer Sluice
 */
export function migrate(handle: DatabaseSync, path: string): void {
  const version = Number(handle.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version > steps.length) {
    throw new StateError(
      `${path} was written by a newer Sluice (schema ${version}, this one knows ${steps.length})`,
      {
        code: 'store.newer',
        recovery: 'config',
        hint: 'start the newer Sluice again, or move the file aside: state.json keeps every cursor',
      },
    );
  }
  if (version === steps.length) return;
  transaction(handle, () => {
    for (const step of steps.slice(version)) handle.exec(step);
    handle.exec(`PRAGMA user_version = ${steps.length}`);
  });
}
