import { copyFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { aRun } from './stored-run.ts';
import { openIn, storeFolder } from './store-folder.ts';

const pageSize = 4096;

/** A store with enough in it for several pages of the file: an unfinished run, a complete one, 100 dead letters. */
export function filledFolder(): string {
  const folder = storeFolder();
  fill(folder, 'm').close();
  return folder;
}

function fill(folder: string, prefix: string) {
  const store = openIn(folder);
  store.entries.replace([{ identity: 'e1', raw: { list_id: '1a2d' } }]);
  store.runs.begin(aRun());
  store.runs.begin(aRun({ id: 'r0', started: 1000 }));
  const { totals, cursorTo } = aRun();
  store.runs.complete('r0', { totals: { ...totals, published: 7 }, cursorTo, tail: new Map() });
  store.runs.done('r0', 2000);
  const letters = Array.from({ length: 100 }, (_, i) => ({
    service: 'lists',
    key: `${prefix}${i}`,
    reason: 'bad',
    payload: { text: prefix.repeat(500) },
  }));
  store.deadLetters.add('r1', letters, 1, { queue: 'lists', job: 'lists', grade: 'queued' });
  store.receipts.add('e1', 'chunk-1', 0);
  return store;
}

type Damage = readonly [name: string, reason: RegExp, damage: (folder: string) => void];

const bytes =
  (change: (all: Buffer) => Buffer) =>
  (folder: string): void => {
    const path = join(folder, 'sluice.db');
    writeFileSync(path, change(readFileSync(path)));
  };

const sql =
  (statement: string) =>
  (folder: string): void => {
    const db = new DatabaseSync(join(folder, 'sluice.db'));
    db.exec(statement);
    db.close();
  };

/** Ways in which a database comes to harm. */
export const damages: readonly Damage[] = [
  ['is text', /not a database/, bytes((all) => Buffer.from(`not SQLite${' '.repeat(all.length)}`))],
  ['is empty', /it is empty/, bytes(() => Buffer.alloc(0))],
  ['has lost its end', /malformed/, bytes((all) => all.subarray(0, all.length / 2))],
  ['has rubbish in its middle', /./, bytes((all) => all.fill(0x5a, 3 * pageSize, 6 * pageSize))],
  [
    'has a torn page',
    /./,
    bytes((all) => all.fill(0, all.length - 3 * pageSize - 1000, all.length - 2 * pageSize)),
  ],
  ['has a broken header', /not a database/, bytes((all) => all.fill(0xff, 16, 60))],
  ['has the log of another one beside it', /./, foreignLog],
  ['is only a log', /it is gone, and only its log is there/, onlyLog],
  ['is a database of something else', /it is not of Sluice/, somethingElse],
  ['misses a table', /no such table: run/, sql('DROP TABLE run')],
  ['misses a column', /no such column|no column/, sql('ALTER TABLE run DROP COLUMN next_page')],
  ['has a run that is none', /what Sluice never wrote/, sql("UPDATE run SET totals = '{}' WHERE id = 'r1'")],
  ['has an entry that is none', /what Sluice never wrote/, sql("UPDATE entry SET raw = '[1'")],
  ['has a version that never was', /schema is -7/, sql('PRAGMA user_version = -7')],
];

/** The last changes of a database that is laid out otherwise, put beside one that is whole. */
export function foreignLog(folder: string): void {
  const other = storeFolder();
  fill(other, 'other').close();
  const path = join(other, 'sluice.db');
  const open = new DatabaseSync(path);
  open.exec(
    'PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; DELETE FROM dead_letter WHERE id > 50',
  );
  copyFileSync(`${path}-wal`, join(folder, 'sluice.db-wal'));
  open.close();
}

function onlyLog(folder: string): void {
  const path = join(folder, 'sluice.db');
  copyFileSync(path, `${path}-wal`);
  rmSync(path);
}

function somethingElse(folder: string): void {
  const path = join(folder, 'sluice.db');
  rmSync(path);
  const db = new DatabaseSync(path);
  db.exec('CREATE TABLE cars (id INTEGER PRIMARY KEY, name TEXT)');
  db.close();
}

/** All bytes of the database in a folder, by what follows its name: '', '-wal' ... */
export function databaseFiles(folder: string, name = 'sluice.db'): ReadonlyMap<string, Buffer> {
  const ends = ['', '-wal', '-shm', '-journal'];
  const names = new Set(readdirSync(folder));
  return new Map(
    ends
      .filter((end) => names.has(name + end))
      .map((end) => [end, readFileSync(join(folder, name + end))] as const),
  );
}
