import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { noTotals } from '../../src/model/run-totals.ts';
import { checkVersion, migrate } from '../../src/store/migrate.ts';
import { openAsNobody } from '../support/holder-process.ts';
import { writeFirstSchema } from '../support/first-schema.ts';
import { aRun } from '../support/stored-run.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';

const tables = ['confirmed_key', 'dead_letter', 'entry', 'receipt', 'run', 'tail_key'];

function edit(folder: string, sql: string): void {
  const db = new DatabaseSync(join(folder, 'sluice.db'));
  db.exec(sql);
  db.close();
}

function failure(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

const tablesOf = (db: DatabaseSync): unknown[] =>
  db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map((row) => row['name']);

describe('a folder or a file that cannot be used', () => {
  test('is named when it is not there', () => {
    const folder = join(storeFolder(), 'missing');
    expect(failure(() => openIn(folder))).toMatchObject({
      code: 'store.unusable',
      recovery: 'config',
      message: `${join(folder, 'sluice.db')} cannot be used: the folder is not there`,
      hint: expect.stringContaining('--state'),
    });
  });

  test('is refused with what to do when this user may not write into the folder, and nothing is made', async () => {
    const folder = storeFolder();
    chmodSync(folder, 0o555);
    expect(await openAsNobody(folder)).toEqual({
      code: 'store.unusable',
      recovery: 'config',
      message: `${join(folder, 'sluice.db')} cannot be used: the folder cannot be written by this user`,
      hint: expect.stringContaining(`let this user write into ${folder}`),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is refused with what to do when the file is read-only, and the file stays as it is', async () => {
    const folder = storeFolder();
    openIn(folder).close();
    chmodSync(folder, 0o777);
    chmodSync(join(folder, 'sluice.lock'), 0o666);
    chmodSync(join(folder, 'sluice.db'), 0o444);
    const before = readFileSync(join(folder, 'sluice.db'));
    expect(await openAsNobody(folder)).toMatchObject({
      code: 'store.unusable',
      recovery: 'config',
      message: expect.stringContaining('the file cannot be written by this user'),
      hint: expect.stringContaining(`chmod u+rw ${join(folder, 'sluice.db')}`),
    });
    expect(readFileSync(join(folder, 'sluice.db'))).toEqual(before);
  });

  test('would be opened without a word if nobody wrote at the start (twin: SQLite opens what it cannot write)', async () => {
    const folder = storeFolder();
    openIn(folder).close();
    const path = join(folder, 'sluice.db');
    const db = new DatabaseSync(path, { readOnly: true });
    expect(db.prepare('PRAGMA user_version').get()).toBeDefined();
    expect(() => db.exec('CREATE TABLE more (id)')).toThrow('readonly');
    db.close();
  });

  test('is refused when a folder is in the place of the file', () => {
    const folder = storeFolder();
    mkdirSync(join(folder, 'sluice.db'));
    expect(failure(() => openIn(folder))).toMatchObject({
      code: 'store.unusable',
      message: expect.stringContaining('it is not a file'),
    });
    expect(existsSync(join(folder, 'holder.json'))).toBe(false);
  });
});

describe('the schema', () => {
  test('is made in a new file, and left alone afterwards', () => {
    const db = new DatabaseSync(':memory:');
    expect(checkVersion(db, 'sluice.db')).toBe(0);
    migrate(db, 'sluice.db');
    const version = checkVersion(db, 'sluice.db');
    expect(tablesOf(db)).toEqual(tables);
    expect(version).toBeGreaterThan(0);
    migrate(db, 'sluice.db');
    expect(checkVersion(db, 'sluice.db')).toBe(version);
  });

  test('of a newer Sluice is refused, untouched, with what to do', () => {
    const folder = storeFolder();
    const store = openIn(folder);
    store.runs.begin(aRun());
    store.close();
    const db = new DatabaseSync(join(folder, 'sluice.db'));
    const version = checkVersion(db, 'sluice.db');
    db.close();
    edit(folder, 'PRAGMA user_version = 99');
    const before = readFileSync(join(folder, 'sluice.db'));
    expect(failure(() => openIn(folder))).toMatchObject({
      code: 'store.newer',
      recovery: 'config',
      message: expect.stringContaining('was written by a newer Sluice (schema 99'),
      hint: expect.stringContaining('start the newer Sluice again'),
    });
    expect(readFileSync(join(folder, 'sluice.db'))).toEqual(before);
    edit(folder, `PRAGMA user_version = ${version}`);
    expect(openIn(folder).runs.unfinished('e1')?.id).toBe('r1');
  });

  test('is made whole or not at all', () => {
    const db = new DatabaseSync(':memory:');
    // In the way of a later statement of the same step.
    db.exec('CREATE TABLE dead_letter (id)');
    expect(() => migrate(db, 'sluice.db')).toThrow('already exists');
    expect(tablesOf(db)).toEqual(['dead_letter']);
    expect(checkVersion(db, 'sluice.db')).toBe(0);
    expect(db.isTransaction).toBe(false);
    db.exec('DROP TABLE dead_letter');
    migrate(db, 'sluice.db');
    expect(tablesOf(db)).toEqual(tables);
  });
});

describe('a database of the first schema', () => {
  const firstTotals = {
    ...noTotals,
    read: 30,
    published: 20,
    requests: 4,
    reread: 3,
    deadLetters: 2,
    bytes: 1000,
    seconds: 1.5,
  };
  const first = {
    entry: 'e1',
    label: 'list "1a2d"',
    mode: 'SYNC',
    frozen: { list_id: '1a2d' },
    span: { kind: 'ranged', window: { since: 100, until: 200 } },
    cursorTo: '2026-11-21T11:00:00Z',
    finished: undefined,
    error: undefined,
    totals: firstTotals,
  };

  /** The check, so that a twin can fail it. */
  function checkEveryRow(folder: string): void {
    const { entries, runs, deadLetters, recovered } = openIn(folder);
    expect(recovered).toBeUndefined();
    expect(entries.all()).toEqual([{ identity: 'e1', raw: { list_id: '1a2d', note: 'mine' } }]);
    expect(runs.unfinished('e1')).toEqual({
      ...first,
      id: 'running',
      state: 'running',
      started: 4000,
      error: 'the queue is down',
      checkpoint: { version: 150, nextPage: 3 },
    });
    expect(runs.confirmedKeys('running').toSorted()).toEqual(['a', 'b']);
    expect(runs.completing()).toEqual([
      {
        ...first,
        id: 'completing',
        entry: 'e2',
        state: 'completing',
        started: 3000,
        checkpoint: { version: 199, nextPage: 4 },
      },
    ]);
    expect(runs.lastDone('e1')).toEqual({
      ...first,
      id: 'done',
      state: 'done',
      mode: 'LOAD',
      span: { kind: 'ranged', window: { since: null, until: 200 } },
      started: 1000,
      finished: 2000,
      checkpoint: { version: 150, nextPage: 7 },
    });
    expect(runs.tail('done')).toEqual(new Map([['a', '150 f1']]));
    expect(runs.recent(10).map(({ id, error }) => [id, error])).toEqual([
      ['dropped', 'the entry was removed'],
      ['running', 'the queue is down'],
      ['completing', undefined],
      ['done', undefined],
    ]);
    expect(deadLetters.count()).toBe(2);
  }

  test('goes on where it was, with every row', () => {
    const folder = storeFolder();
    writeFirstSchema(folder);
    checkEveryRow(folder);
  });

  test('keeps its dead letters word for word, and learns whose they are', () => {
    const folder = storeFolder();
    writeFirstSchema(folder);
    openIn(folder).close();
    const db = new DatabaseSync(join(folder, 'sluice.db'));
    expect(db.prepare('SELECT * FROM dead_letter ORDER BY id').all()).toMatchObject([
      {
        id: 1,
        run: 'running',
        entry: 'e1',
        key: 'k1',
        reason: 'refused',
        payload: '{"email":"a"}',
        first: 10,
      },
      { id: 7, run: 'forgotten', entry: '', key: null, payload: '{"email":"b"}', last: 40, retries: 0 },
    ]);
    db.close();
  });

  test.each(['run', 'entry', 'confirmed_key', 'tail_key', 'dead_letter'])(
    'that loses the rows of %s on the way does not pass (twin)',
    (table) => {
      const folder = storeFolder();
      writeFirstSchema(folder);
      edit(folder, `DELETE FROM ${table}`);
      expect(() => checkEveryRow(folder)).toThrow();
    },
  );
});
