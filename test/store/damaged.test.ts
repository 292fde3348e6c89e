import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { listAside } from '../../src/store/aside.ts';
import type { Store } from '../../src/store/store.ts';
import { damages, databaseFiles, filledFolder, foreignLog } from '../support/damage-store.ts';
import { writeFirstSchema } from '../support/first-schema.ts';
import { dieOpening } from '../support/holder-process.ts';
import { aRun } from '../support/stored-run.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';

function recoveryOf({ recovered }: Store) {
  if (recovered?.kind !== 'damaged') throw new Error('nothing was recovered');
  return recovered;
}

/** The keys of the dead letters of a folder that nobody holds. */
function keysOf(folder: string): readonly unknown[] {
  const db = new DatabaseSync(join(folder, 'sluice.db'), { readOnly: true });
  const rows = db.prepare('SELECT key FROM dead_letter').all();
  db.close();
  return rows.map(({ key }) => key);
}

describe.each(damages)('a database that %s', (_name, reason, damage) => {
  test('is put aside as it was found, and a new one begins', () => {
    const folder = filledFolder();
    damage(folder);
    const found = databaseFiles(folder);
    const store = openIn(folder);
    const recovered = recoveryOf(store);
    expect(recovered.reason).toMatch(reason);
    expect(recovered.reason).not.toMatch(/\n/);
    expect(basename(recovered.aside)).toBe('sluice.db.damaged-1970-01-01T000000Z');
    expect(databaseFiles(folder, basename(recovered.aside))).toEqual(found);
    // And it works: an unfinished run starts over.
    expect(store.runs.allUnfinished()).toEqual([]);
    expect(store.runs.completing()).toEqual([]);
    store.runs.begin(aRun({ id: 'after' }));
    store.close();
    const again = openIn(folder);
    expect(again.recovered).toBeUndefined();
    expect(again.runs.unfinished('e1')?.id).toBe('after');
    expect(readdirSync(folder).filter((name) => /\.new|scratch/.test(name))).toEqual([]);
  });
});

describe('what is saved of a damaged database', () => {
  test('is everything, when only one row made it unusable', () => {
    const folder = filledFolder();
    const db = new DatabaseSync(join(folder, 'sluice.db'));
    db.exec("UPDATE run SET totals = '{}' WHERE id = 'r1'");
    db.close();
    const store = openIn(folder);
    expect(recoveryOf(store).salvaged).toEqual({ runs: 1, deadLetters: 100 });
    expect(store.entries.all()).toEqual([{ identity: 'e1', raw: { list_id: '1a2d' } }]);
    expect(store.runs.lastDone('e1')).toMatchObject({ id: 'r0', totals: { published: 7 } });
    expect(store.receipts.of('e1')).toEqual(['chunk-1']);
  });

  test('is the dead letters on both sides of the torn pages', () => {
    const folder = filledFolder();
    const torn = damages.find(([name]) => name === 'has rubbish in its middle');
    torn?.[2](folder);
    const store = openIn(folder);
    const { salvaged } = recoveryOf(store);
    expect(salvaged.deadLetters).toBeGreaterThan(40);
    expect(salvaged.deadLetters).toBeLessThanOrEqual(100);
    expect(store.deadLetters.count()).toBe(salvaged.deadLetters);
  });

  test('is what the file holds, when the log beside it is the damaged part', () => {
    const folder = filledFolder();
    foreignLog(folder);
    const store = openIn(folder);
    const { aside } = recoveryOf(store);
    store.close();
    expect(keysOf(folder)).toEqual(expect.arrayContaining(Array.from({ length: 100 }, (_, i) => `m${i}`)));
    expect(databaseFiles(folder, basename(aside)).get('-wal')?.length).toBeGreaterThan(0);
  });

  test('of the first schema, too', () => {
    const folder = storeFolder();
    writeFirstSchema(folder);
    const db = new DatabaseSync(join(folder, 'sluice.db'));
    db.exec("UPDATE run SET frozen = 'x' WHERE id = 'running'");
    db.close();
    const store = openIn(folder);
    expect(recoveryOf(store).salvaged).toEqual({ runs: 3, deadLetters: 2 });
    expect(store.runs.lastDone('e1')).toMatchObject({
      id: 'done',
      cursorTo: '2026-11-21T11:00:00Z',
      span: { kind: 'ranged', window: { since: null, until: 200 } },
    });
    expect(store.runs.recent(10).find(({ id }) => id === 'completing')).toMatchObject({
      state: 'dropped',
      finished: 0,
      error: 'the database was damaged',
    });
  });

  test('is nothing of what never was in it', () => {
    const folder = filledFolder();
    writeFileSync(join(folder, 'sluice.db'), 'not SQLite');
    const store = openIn(folder);
    expect(recoveryOf(store).salvaged).toEqual({ runs: 0, deadLetters: 0 });
    expect(store.entries.all()).toEqual([]);
  });
});

describe('databases that were put aside', () => {
  test('are listed with their time, the oldest first, and never overwritten', () => {
    const folder = filledFolder();
    for (const text of ['one', 'two', 'three']) {
      writeFileSync(join(folder, 'sluice.db'), text);
      openIn(folder).close();
    }
    writeFileSync(join(folder, 'sluice.db.damaged-2026-11-21T105116Z'), 'by hand');
    writeFileSync(join(folder, 'sluice.db.damaged-notes.txt'), 'mine');
    expect(listAside(folder)).toEqual([
      { name: 'sluice.db.damaged-1970-01-01T000000Z', at: 0 },
      { name: 'sluice.db.damaged-1970-01-01T000000Z.2', at: 0 },
      { name: 'sluice.db.damaged-1970-01-01T000000Z.3', at: 0 },
      { name: 'sluice.db.damaged-2026-11-21T105116Z', at: Date.UTC(2026, 10, 21, 10, 51, 16) },
    ]);
    expect(databaseFiles(folder, 'sluice.db.damaged-1970-01-01T000000Z').get('')?.toString()).toBe('one');
    expect(databaseFiles(folder, 'sluice.db.damaged-1970-01-01T000000Z.3').get('')?.toString()).toBe('three');
  });

  test('are none in a folder that is not there', () => {
    expect(listAside(join(storeFolder(), 'missing'))).toEqual([]);
  });
});

describe('a database that is not there', () => {
  test('is made, and it is said that it was missing', () => {
    const folder = storeFolder();
    const store = openIn(folder);
    expect(store.recovered).toEqual({ kind: 'missing' });
    store.close();
    expect(openIn(folder).recovered).toBeUndefined();
    expect(listAside(folder)).toEqual([]);
  });
});

test('a torn page is opened by SQLite without a word (twin: why every page is looked at)', () => {
  const folder = filledFolder();
  damages.find(([name]) => name === 'has a torn page')?.[2](folder);
  const db = new DatabaseSync(join(folder, 'sluice.db'));
  expect(db.prepare('SELECT id FROM run').all()).toHaveLength(2);
  db.close();
  expect(openIn(folder).recovered).toMatchObject({ kind: 'damaged' });
});

describe('a kill while a damaged database is replaced', () => {
  const points = [
    'store.aside.before',
    'store.aside.after',
    'store.replace.before',
    'store.replace.rename',
    'store.replace.after',
  ];

  test.each(points)('at %s costs nothing that could be saved', async (point) => {
    const folder = filledFolder();
    const db = new DatabaseSync(join(folder, 'sluice.db'));
    db.exec("UPDATE run SET totals = '{}' WHERE id = 'r1'");
    db.close();
    expect(await dieOpening(folder, point)).toBe(true);
    const store = openIn(folder);
    expect(store.deadLetters.count()).toBe(100);
    expect(store.runs.recent(10).map(({ id }) => id)).toEqual(['r0']);
    expect(listAside(folder).length).toBeGreaterThan(0);
  });

  test('leaves no log beside a file that it is not of', async () => {
    const folder = filledFolder();
    foreignLog(folder);
    expect(await dieOpening(folder, 'store.replace.rename')).toBe(true);
    expect(databaseFiles(folder).has('-wal')).toBe(false);
    openIn(folder).close();
    expect(keysOf(folder)).toHaveLength(100);
  });

  test('leaves no half-made file of the first start either', async () => {
    const folder = storeFolder();
    expect(await dieOpening(folder, 'store.replace.before')).toBe(true);
    expect(databaseFiles(folder).size).toBe(0);
    expect(openIn(folder).recovered).toEqual({ kind: 'missing' });
  });
});
