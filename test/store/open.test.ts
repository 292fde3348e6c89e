import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { StateError } from '../../src/model/errors.ts';
import { migrate } from '../../src/store/migrate.ts';
import { aRun } from '../support/stored-run.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';

const hint = expect.stringContaining('move it aside: state.json keeps every cursor');

/** A store with enough in it for several pages of the file. */
function filledFolder(): string {
  const folder = storeFolder();
  const store = openIn(folder);
  store.runs.begin(aRun());
  const letters = Array.from({ length: 100 }, (_, i) => ({
    service: 'lists',
    key: `m${i}`,
    reason: 'bad',
    payload: { text: 'x'.repeat(500) },
  }));
  store.deadLetters.add('r1', letters, 1);
  store.close();
  return folder;
}

function damage(folder: string, how: (bytes: Buffer) => Buffer): void {
  const path = join(folder, 'sluice.db');
  writeFileSync(path, how(readFileSync(path)));
}

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

const versionOf = (db: DatabaseSync): unknown => db.prepare('PRAGMA user_version').get()?.['user_version'];
const tablesOf = (db: DatabaseSync): unknown[] =>
  db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map((row) => row['name']);

describe('a database that is damaged', () => {
  test.each([
    ['is no database', (bytes: Buffer) => Buffer.from(`not SQLite${' '.repeat(bytes.length)}`)],
    ['has lost its end', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['has rubbish in its middle', (bytes: Buffer) => bytes.fill(0x5a, 3 * 4096, 6 * 4096)],
    ['has a broken header', (bytes: Buffer) => bytes.fill(0xff, 16, 60)],
  ])('and %s is not used, and the message says what to do', (_, how) => {
    const folder = filledFolder();
    damage(folder, how);
    const error = failure(() => openIn(folder));
    expect(error).toBeInstanceOf(StateError);
    expect(error).toMatchObject({ code: 'store.unusable', recovery: 'config', hint });
    expect(error).toHaveProperty('message', expect.stringMatching(/sluice\.db cannot be used: .+$/));
  });

  test('in one page only is opened by SQLite without a word (twin: why every page is looked at)', () => {
    const folder = filledFolder();
    damage(folder, (bytes) => bytes.fill(0x5a, 6 * 4096, 8 * 4096));
    const db = new DatabaseSync(join(folder, 'sluice.db'));
    expect(db.prepare('SELECT id FROM run').all()).toHaveLength(1);
    db.close();
    expect(() => openIn(folder)).toThrow(StateError);
  });

  test('can be moved aside: a new one begins', () => {
    const folder = filledFolder();
    damage(folder, () => Buffer.from('not SQLite'));
    expect(() => openIn(folder)).toThrow(StateError);
    const path = join(folder, 'sluice.db');
    copyFileSync(path, `${path}.aside`);
    damage(folder, () => Buffer.alloc(0));
    expect(openIn(folder).runs.allUnfinished()).toEqual([]);
  });

  test('by a stranger who took a table away is told too, and not left locked', () => {
    const folder = filledFolder();
    edit(folder, 'DROP TABLE run');
    expect(failure(() => openIn(folder))).toMatchObject({ code: 'store.unusable', hint });
    expect(existsSync(join(folder, 'holder.json'))).toBe(false);
    // Nobody holds it: another error than LockedError.
    expect(failure(() => openIn(folder))).toMatchObject({ code: 'store.unusable' });
  });

  test('in a row is told when the row is read', () => {
    const folder = filledFolder();
    edit(folder, "UPDATE run SET totals = '{}'");
    expect(() => openIn(folder).runs.unfinished('e1')).toThrow();
  });
});

describe('a folder that cannot be used', () => {
  test('is named', () => {
    const folder = join(storeFolder(), 'missing');
    expect(failure(() => openIn(folder))).toMatchObject({ code: 'store.unusable', recovery: 'config' });
  });
});

describe('the schema', () => {
  test('is made in a new file, and left alone afterwards', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db, 'sluice.db');
    const version = versionOf(db);
    expect(tablesOf(db)).toEqual(['confirmed_key', 'dead_letter', 'entry', 'run', 'tail_key']);
    expect(version).toBeGreaterThan(0);
    migrate(db, 'sluice.db');
    expect(versionOf(db)).toBe(version);
  });

  test('of a newer Sluice is refused, untouched, with what to do', () => {
    const folder = filledFolder();
    edit(folder, 'PRAGMA user_version = 99');
    expect(failure(() => openIn(folder))).toMatchObject({
      code: 'store.newer',
      recovery: 'config',
      message: expect.stringContaining('was written by a newer Sluice (schema 99'),
      hint: expect.stringContaining('start the newer Sluice again'),
    });
    edit(folder, 'PRAGMA user_version = 1');
    expect(openIn(folder).runs.unfinished('e1')?.id).toBe('r1');
  });

  test('is made whole or not at all', () => {
    const db = new DatabaseSync(':memory:');
    // In the way of a later statement of the same step.
    db.exec('CREATE TABLE dead_letter (id)');
    expect(() => migrate(db, 'sluice.db')).toThrow('already exists');
    expect(tablesOf(db)).toEqual(['dead_letter']);
    expect(versionOf(db)).toBe(0);
    expect(db.isTransaction).toBe(false);
    db.exec('DROP TABLE dead_letter');
    migrate(db, 'sluice.db');
    expect(tablesOf(db)).toHaveLength(5);
  });
});
