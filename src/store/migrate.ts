import type { DatabaseSync } from 'node:sqlite';
import { StateError } from '../model/errors.ts';
import { Damage } from './failure.ts';
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
  `
  -- Runs of every kind of source. until is for ranged ones; since is an epoch second or an ordinal.
  CREATE TABLE run_2 (
    id TEXT PRIMARY KEY,
    entry TEXT NOT NULL,
    label TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'completing', 'done', 'dropped', 'failed')),
    mode TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('ranged', 'chained', 'whole')),
    frozen TEXT NOT NULL,
    since INTEGER,
    until INTEGER,
    -- JSON: a timestamp, an ordinal, or null where the file holds no cursor.
    cursor_to TEXT NOT NULL,
    started INTEGER NOT NULL,
    finished INTEGER,
    error TEXT,
    totals TEXT NOT NULL,
    version INTEGER,
    next_page INTEGER NOT NULL DEFAULT 0,
    -- Chained runs: the ordinal that is about to be written into the file, and where the next run's overlap begins (S10).
    intended INTEGER,
    overlap_from INTEGER
  ) STRICT;
  INSERT INTO run_2 (id, entry, label, state, mode, kind, frozen, since, until, cursor_to, started, finished, error,
      totals, version, next_page)
    SELECT id, entry, label, state, mode, 'ranged', frozen, since, until, json_quote(cursor_to), started, finished, error,
      totals, version, next_page FROM run;
  DROP TABLE run;
  ALTER TABLE run_2 RENAME TO run;
  CREATE INDEX run_by_entry ON run (entry, state);
  CREATE INDEX run_by_state ON run (state);

  -- Chunks that are in the queue and that no consumer is known to have finished (S13).
  CREATE TABLE receipt (
    entry TEXT NOT NULL,
    id TEXT NOT NULL,
    page INTEGER NOT NULL,
    PRIMARY KEY (entry, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE dead_letter_2 (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    entry TEXT NOT NULL,
    label TEXT NOT NULL DEFAULT '',
    service TEXT NOT NULL,
    key TEXT,
    version INTEGER,
    reason TEXT NOT NULL,
    stack TEXT,
    payload TEXT NOT NULL,
    -- Where it was bound for, and the chunk in which it stood alone (S15).
    queue TEXT,
    job TEXT,
    grade TEXT CHECK (grade IN ('queued', 'processed')),
    chunk TEXT,
    attempts INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    -- How often a person published it again, and under which id it is on its way now.
    retries INTEGER NOT NULL DEFAULT 0,
    retrying TEXT,
    -- 1 when the same record was published again since, in a version that is not older.
    overtaken INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  INSERT INTO dead_letter_2 (id, run, entry, label, service, key, reason, payload, attempts, first, last)
    SELECT id, run, coalesce((SELECT entry FROM run WHERE run.id = dead_letter.run), ''),
      coalesce((SELECT label FROM run WHERE run.id = dead_letter.run), ''), service, key, reason, payload, attempts,
      first, last FROM dead_letter;
  DROP TABLE dead_letter;
  ALTER TABLE dead_letter_2 RENAME TO dead_letter;
  -- Of those without a key the payload is all that tells them apart.
  CREATE INDEX dead_letter_by_record ON dead_letter (key, payload);
  CREATE INDEX dead_letter_by_time ON dead_letter (last);
  `,
];

/**
 * Brings a database up to the newest schema, in one transaction.
 * @throws StateError when the database was written by a newer Sluice
 */
export function migrate(handle: DatabaseSync, path: string): void {
  const version = checkVersion(handle, path);
  if (version === steps.length) return;
  transaction(handle, () => {
    for (const step of steps.slice(version)) handle.exec(step);
    handle.exec(`PRAGMA user_version = ${steps.length}`);
  });
}

/**
 * The schema a database has now; 0 for an empty one. Changes nothing.
 * @throws StateError when the database was written by a newer Sluice
 * @throws Damage when Sluice never wrote such a one
 */
export function checkVersion(handle: DatabaseSync, path: string): number {
  const version = Number(handle.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version < 0) throw new Damage(`it says that its schema is ${version}`);
  if (version <= steps.length) return version;
  throw new StateError(
    `${path} was written by a newer Sluice (schema ${version}, this one knows ${steps.length})`,
    {
      code: 'store.newer',
      recovery: 'config',
      hint: 'start the newer Sluice again, or move the file aside: state.json keeps every cursor',
    },
  );
}
