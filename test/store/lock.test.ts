import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LockedError } from '../../src/model/errors.ts';
import { listAside } from '../../src/store/aside.ts';
import { filledFolder } from '../support/damage-store.ts';
import { holdStore } from '../support/holder-process.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';

/** Somebody else cannot have the folder: the check, so that a twin can fail it. */
function checkExclusive(open: () => unknown): void {
  expect(open).toThrow(LockedError);
}

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe('the lock of a state folder (S18)', () => {
  test('keeps a second process out, and tells it who is in', async () => {
    const folder = storeFolder();
    const holder = await holdStore(folder, 'go');
    checkExclusive(() => openIn(folder));
    expect(thrownBy(() => openIn(folder))).toMatchObject({
      code: 'state.locked',
      message: expect.stringMatching(
        new RegExp(
          `^the state folder ${folder} is held by sluice go, process ${holder.pid} on .+, since 20.+Z$`,
        ),
      ),
      hint: expect.stringContaining(`stop it with: touch ${join(folder, 'controller.quit')}`),
    });
  });

  test('says of a short command that it is soon done: a controller.quit is not for it', async () => {
    const folder = storeFolder();
    await holdStore(folder, 'undo');
    expect(thrownBy(() => openIn(folder))).toMatchObject({
      message: expect.stringContaining('is held by sluice undo'),
      hint: 'try again when it is done, or name another folder with --state',
    });
  });

  test('would keep nobody out if the holder opened it as any other database (twin)', () => {
    const folder = storeFolder();
    openIn(folder).close();
    const ordinary = new DatabaseSync(join(folder, 'sluice.db'));
    onTestFinished(() => ordinary.close());
    ordinary.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE; COMMIT');
    expect(() => checkExclusive(() => openIn(folder))).toThrow();
  });

  test('keeps the same process out a second time', () => {
    const folder = storeFolder();
    openIn(folder);
    checkExclusive(() => openIn(folder));
  });

  test('leaves the holder undisturbed by those it keeps out', async () => {
    const folder = storeFolder();
    const store = openIn(folder);
    checkExclusive(() => openIn(folder));
    store.entries.replace([{ identity: 'e1', raw: { list_id: 'x' } }]);
    expect(store.entries.all()).toHaveLength(1);
    expect(existsSync(join(folder, 'holder.json'))).toBe(true);
  });

  test('is free as soon as the holder closes, which leaves no word behind', async () => {
    const folder = storeFolder();
    const holder = await holdStore(folder);
    await holder.release();
    expect(existsSync(join(folder, 'holder.json'))).toBe(false);
    openIn(folder);
  });

  test('is free as soon as its holder is killed, and what the holder committed is there', async () => {
    const folder = storeFolder();
    const holder = await holdStore(folder);
    await holder.kill();
    const store = openIn(folder);
    expect(store.runs.allUnfinished().map(({ id }) => id)).toEqual([`r${holder.pid}`]);
    expect(JSON.parse(readFileSync(join(folder, 'holder.json'), 'utf8'))).toMatchObject({ pid: process.pid });
  });

  test('speaks of another process when the word about it cannot be read', async () => {
    const folder = storeFolder();
    await holdStore(folder);
    for (const text of ['', '{"pid":', '{"pid":"1"}', '[]']) {
      writeFileSync(join(folder, 'holder.json'), text);
      expect(thrownBy(() => openIn(folder))).toMatchObject({
        message: `the state folder ${folder} is held by another process`,
      });
    }
  });

  test('is taken and given back also when no word can be left', () => {
    const folder = storeFolder();
    mkdirSync(join(folder, 'holder.json'));
    openIn(folder).close();
    openIn(folder);
  });

  test('holds when somebody removes the database, or puts another one in its place', async () => {
    const folder = storeFolder();
    await holdStore(folder);
    rmSync(join(folder, 'sluice.db'));
    checkExclusive(() => openIn(folder));
    writeFileSync(join(folder, 'sluice.db'), 'text');
    checkExclusive(() => openIn(folder));
    expect(readFileSync(join(folder, 'sluice.db'), 'utf8')).toBe('text');
  });

  test('would end with the file if it were the database alone that is locked (twin)', () => {
    const folder = storeFolder();
    const path = join(folder, 'sluice.db');
    const alone = (): DatabaseSync => {
      const db = new DatabaseSync(path);
      onTestFinished(() => db.close());
      db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN EXCLUSIVE; COMMIT');
      return db;
    };
    const open = (): unknown => {
      try {
        return alone();
      } catch {
        throw new LockedError('held', '');
      }
    };
    alone();
    checkExclusive(open);
    rmSync(path);
    rmSync(`${path}-wal`, { force: true });
    expect(() => checkExclusive(open)).toThrow();
  });

  test('is there for a file that is damaged, which cannot be locked itself (twin)', () => {
    const folder = storeFolder();
    const path = join(folder, 'sluice.db');
    writeFileSync(path, 'text '.repeat(1000));
    for (const _ of [1, 2]) {
      const db = new DatabaseSync(path);
      onTestFinished(() => db.close());
      // Not "locked", the second time neither.
      expect(() => db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')).toThrow('not a database');
    }
    openIn(folder);
    checkExclusive(() => openIn(folder));
  });

  test('lets one of two processes repair a damaged database, and the other one wait outside', async () => {
    const folder = filledFolder();
    writeFileSync(join(folder, 'sluice.db'), 'text');
    const both = await Promise.allSettled([holdStore(folder), holdStore(folder)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(listAside(folder)).toHaveLength(1);
  });

  test('is not lost to somebody who writes into its file', async () => {
    const folder = storeFolder();
    const path = join(folder, 'sluice.lock');
    const holder = await holdStore(folder);
    writeFileSync(path, 'text');
    checkExclusive(() => openIn(folder));
    await holder.kill();
    writeFileSync(path, 'text'.repeat(2000));
    openIn(folder);
    checkExclusive(() => openIn(folder));
  });

  test('leaves an empty file behind and nothing else of its own', () => {
    const folder = storeFolder();
    openIn(folder).close();
    expect(readdirSync(folder).toSorted()).toEqual(['sluice.db', 'sluice.lock']);
    expect(readFileSync(join(folder, 'sluice.lock'))).toHaveLength(0);
  });
});
