import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The first schema that was released, as it was: what it made lies on people's disks. */
export const firstSchema = `
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
    frozen TEXT NOT NULL,
    since INTEGER,
    until INTEGER NOT NULL,
    cursor_to TEXT NOT NULL,
    started INTEGER NOT NULL,
    finished INTEGER,
    error TEXT,
    totals TEXT NOT NULL,
    version INTEGER,
    next_page INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX run_by_entry ON run (entry, started);
  CREATE INDEX run_by_state ON run (state);
  CREATE INDEX run_by_start ON run (started);
  CREATE TABLE confirmed_key (
    run TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (run, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tail_key (
    run TEXT NOT NULL,
    key TEXT NOT NULL,
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
  CREATE INDEX dead_letter_by_record ON dead_letter (run, key, payload);
  PRAGMA user_version = 1;
`;

const totals =
  '{"read":30,"published":20,"requests":4,"reread":3,"deadLetters":2,"bytes":1000,"seconds":1.5}';

/**
 * A database of the first schema: one entry with a complete run (with a tail), one that stands before its write-back,
 * an unfinished one with a checkpoint, a dropped one, and two dead letters.
 */
export function writeFirstSchema(folder: string): void {
  const db = new DatabaseSync(join(folder, 'sluice.db'));
  db.exec('PRAGMA journal_mode = WAL');
  db.exec(firstSchema);
  db.prepare('INSERT INTO entry VALUES (?, ?, ?)').run('e1', 0, '{"list_id":"1a2d","note":"mine"}');
  const insert =
    db.prepare(`INSERT INTO run (id, entry, label, state, mode, frozen, since, until, cursor_to, started,
    finished, error, totals, version, next_page) VALUES (?, ?, 'list "1a2d"', ?, ?, '{"list_id":"1a2d"}', ?, 200,
    '2026-11-21T11:00:00Z', ?, ?, ?, '${totals}', ?, ?)`);
  insert.run('done', 'e1', 'done', 'LOAD', null, 1000, 2000, null, 150, 7);
  insert.run('completing', 'e2', 'completing', 'SYNC', 100, 3000, null, null, 199, 4);
  insert.run('running', 'e1', 'running', 'SYNC', 100, 4000, null, 'the queue is down', 150, 3);
  insert.run('dropped', 'e1', 'dropped', 'SYNC', 100, 5000, 6000, 'the entry was removed', null, 0);
  db.exec(`INSERT INTO confirmed_key VALUES ('running', 'a'), ('running', 'b')`);
  db.exec(`INSERT INTO tail_key VALUES ('done', 'a', '150 f1')`);
  db.exec(`INSERT INTO dead_letter VALUES
    (1, 'running', 'lists', 'k1', 'refused', '{"email":"a"}', 1, 10, 20),
    (7, 'forgotten', 'lists', NULL, 'the record has no key', '{"email":"b"}', 1, 30, 40)`);
  db.close();
}
