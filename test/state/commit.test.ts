import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type SluiceEvent } from '../../src/model/events.ts';
import { createCommitter, type CommitterOptions } from '../../src/state/commit.ts';
import type { StateEdit } from '../../src/state/commit-result.ts';
import { type Disk, realDisk } from '../../src/state/disk.ts';
import { mergeWriteBack } from '../../src/state/merge.ts';
import { parseState } from '../../src/state/parse.ts';
import { until } from '../support/until.ts';
import { manualClock } from './manual-clock.ts';
import { temporaryFolder } from './temporary-folder.ts';

const text = '[\n  // by hand\n  { "list_id": "a", "latest_timestamp": null, "worker_count": 4 }\n]\n';
const signal = AbortSignal.timeout(60_000);

/** Sets the cursor of the first entry, as a write-back does. */
const setCursor: StateEdit = (now) => {
  if (!parseState(now, { file: 'state.json' }).ok) return undefined;
  return mergeWriteBack(now, [{ index: 0, fields: { latest_timestamp: '2026-11-21T12:00:00Z' } }]);
};

/** Sets a number, as another write-back does. */
const setTotal: StateEdit = (now) => mergeWriteBack(now, [{ index: 0, fields: { total_updates: 7 } }]);

function setUp(more: Partial<CommitterOptions> = {}) {
  const folder = temporaryFolder();
  const path = join(folder, 'state.json');
  writeFileSync(path, text);
  const notices: string[] = [];
  const clock = manualClock();
  const committer = createCommitter({
    path,
    clock,
    emit: (event: Omit<SluiceEvent, 'at'>) =>
      notices.push(event.type === 'notice' && 'message' in event ? String(event.message) : ''),
    ...more,
  });
  const commit = (edit: StateEdit = setCursor) => committer.commit(edit, signal);
  const read = (): string => readFileSync(path, 'utf8');
  const hidden = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.tmp'));
  return { folder, path, clock, committer, commit, read, hidden, notices };
}

/** A disk of which some functions are replaced. */
function diskWith(change: Partial<Disk>): Disk {
  return { ...realDisk, ...change };
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by the test`), { code });
}

describe('a commit', () => {
  test('puts the edited text in place and tidies up after two seconds', async () => {
    const { commit, read, hidden, clock } = setUp();
    expect(await commit()).toEqual({ kind: 'written', text: setCursor(text), tries: 1 });
    expect(read()).toBe(setCursor(text));
    expect(hidden()).toHaveLength(1);
    await clock.pass(2000);
    await until(() => hidden().length === 0);
  });

  test('does nothing where nothing changes, the file is not readable, or is not there', async () => {
    const { commit, read, path, hidden } = setUp();
    const before = statSync(path).ctimeMs;
    expect(await commit((now) => now)).toEqual({ kind: 'unchanged', text });
    expect(await commit(() => undefined)).toEqual({ kind: 'not-ready' });
    expect(statSync(path).ctimeMs).toBe(before);
    writeFileSync(path, Buffer.from([0x5b, 0xe4, 0x5d]));
    expect(await commit((now) => `${now} `)).toEqual({ kind: 'not-ready' });
    rmSync(path);
    expect(await commit()).toEqual({ kind: 'missing' });
    expect(() => read()).toThrow('ENOENT');
    expect(hidden()).toEqual([]);
  });

  test('keeps the mode and the owner of the file', async () => {
    const { commit, path } = setUp();
    chmodSync(path, 0o664);
    if (process.getuid?.() === 0) chownSync(path, 1234, 2345);
    const before = statSync(path);
    await commit();
    const { mode, uid, gid, ino } = statSync(path);
    expect({ mode, uid, gid }).toEqual({ mode: before.mode, uid: before.uid, gid: before.gid });
    expect(ino).not.toBe(before.ino);
  });

  test('replaces the file at the end of a symbolic link, and the link stays one', async () => {
    const { committer, folder, path, read, hidden } = setUp();
    mkdirSync(join(folder, 'elsewhere'));
    renameSync(path, join(folder, 'elsewhere', 'real.json'));
    symlinkSync('elsewhere/real.json', path);
    await committer.commit(setCursor, signal);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readlinkSync(path)).toBe('elsewhere/real.json');
    expect(read()).toBe(setCursor(text));
    await committer.settle();
    expect([...hidden(), ...readdirSync(join(folder, 'elsewhere'))]).toEqual(['real.json']);
  });

  test('two at once are made one after the other, and both are in the file', async () => {
    const { commit, read } = setUp();
    const one = commit((now) => mergeWriteBack(now, [{ index: 0, fields: { total_updates: 1 } }]));
    const two = commit((now) => mergeWriteBack(now, [{ index: 0, fields: { elapsed_seconds: 2 } }]));
    await Promise.all([one, two]);
    expect(read()).toContain('"total_updates": 1, "elapsed_seconds": 2');
  });

  test('is not begun after an abort', async () => {
    const { committer, read } = setUp();
    await expect(committer.commit(setCursor, AbortSignal.abort())).rejects.toThrow('abort');
    expect(read()).toBe(text);
  });

  test('goes on without hard links, and says so once', async () => {
    const { commit, read, hidden, notices } = setUp({
      disk: diskWith({
        link: () => {
          throw systemError('EPERM');
        },
      }),
    });
    await commit();
    await commit((now) => now.replace('4', '5'));
    expect(read()).toBe(setCursor(text)?.replace('4', '5'));
    expect(hidden()).toEqual([]);
    expect(notices).toEqual([expect.stringContaining('no hard links')]);
  });

  test('with 5,000 entries takes well under a second', async () => {
    const { commit, path } = setUp();
    writeFileSync(
      path,
      JSON.stringify(
        Array.from({ length: 5000 }, (_, n) => ({ list_id: `l${n}` })),
        null,
        2,
      ),
    );
    const start = performance.now();
    expect(await commit()).toMatchObject({ kind: 'written' });
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

/** The ways editors save. Each makes `worker_count` 8. */
const theirs = text.replace('"worker_count": 4', '"worker_count": 8');
const saves: Record<string, (path: string) => void> = {
  'vim: the old file is renamed, a new one written': (path) => {
    renameSync(path, `${path}~`);
    writeFileSync(path, theirs);
    rmSync(`${path}~`);
  },
  'a temporary file is renamed over it': (path) => {
    writeFileSync(`${path}.swp`, theirs);
    renameSync(`${path}.swp`, path);
  },
  'truncate and write': (path) => writeFileSync(path, theirs),
};

describe('a save in the middle of a commit is merged', () => {
  const points = ['state.create.before', 'state.create.after', 'state.sync.after', 'state.link.after'];
  const cases = points.flatMap((point) => Object.keys(saves).map((how) => [point, how] as const));

  async function saveAt(point: string, how: string, disk?: Disk): Promise<string> {
    let saved = false;
    const here = setUp({
      ...(disk ? { disk } : {}),
      probe: (reached) => {
        if (reached !== point || saved) return;
        saved = true;
        saves[how]?.(here.path);
      },
    });
    await here.commit();
    await here.committer.settle();
    expect(saved).toBe(true);
    expect(here.hidden()).toEqual([]);
    return here.read();
  }

  test.each(cases)('at %s, %s', async (point, how) => {
    expect(await saveAt(point, how)).toBe(setCursor(theirs));
  });

  test('in place, between the compare and the rename: by the look at the displaced file', async () => {
    expect(await saveAt('state.compare.after', 'truncate and write')).toBe(setCursor(theirs));
  });

  test.each(Object.keys(saves))('right after the rename, %s: the file is theirs', async (how) => {
    expect(await saveAt('state.rename.after', how)).toBe(theirs);
  });

  test('twin: without the compare a save is lost', async () => {
    const first = new Map<string, Buffer>();
    const blind = diskWith({
      read: (path) => {
        const bytes = first.get('state') ?? realDisk.read(path);
        first.set('state', bytes);
        return bytes;
      },
      identify: (path) => ({ ...realDisk.identify(path), inode: 1n }),
    });
    expect(await saveAt('state.sync.after', 'a temporary file is renamed over it', blind)).not.toBe(
      setCursor(theirs),
    );
  });

  test.each(points)(
    'at %s, a file that is gone for a moment is not an error and not written',
    async (point) => {
      let away = false;
      const here = setUp({
        probe: (reached) => {
          if (reached !== point || away) return;
          away = true;
          renameSync(here.path, `${here.path}~`);
        },
      });
      expect(await here.commit()).toEqual({ kind: 'missing' });
      expect(here.hidden()).toEqual([]);
      writeFileSync(here.path, theirs);
      expect(await here.commit()).toMatchObject({ kind: 'written' });
      expect(here.read()).toBe(setCursor(theirs));
    },
  );

  test('a file that never stands still is given up, unharmed', async () => {
    let count = 0;
    const here = setUp({
      clock: { ...manualClock(), sleep: async () => {} },
      probe: (point) => {
        if (point === 'state.sync.after') writeFileSync(here.path, text.replace('4', `${++count}`));
      },
    });
    await expect(here.commit()).rejects.toMatchObject({ code: 'state.keeps_changing', recovery: 'retry' });
    expect(here.read()).toBe(text.replace('4', '10'));
    expect(here.hidden()).toEqual([]);
  });
});

/** Opens the file, commits, and gives back what writes into the old file. */
async function displaced(more: Partial<CommitterOptions> = {}) {
  const here = setUp(more);
  const descriptor = openSync(here.path, 'r+');
  await here.commit();
  const write = (content: string): void => {
    ftruncateSync(descriptor, 0);
    writeSync(descriptor, content, 0);
  };
  return { ...here, write, end: () => closeSync(descriptor) };
}

describe('a save through an editor that still has the displaced file open', () => {
  test('is found after two seconds and merged with what we wrote', async () => {
    const { write, end, clock, read, hidden, notices, committer } = await displaced();
    write(theirs);
    end();
    expect(read()).toBe(setCursor(text));
    await clock.pass(2000);
    await until(() => read() === setCursor(theirs));
    await committer.settle();
    expect(notices).toEqual([expect.stringContaining('both are merged')]);
    expect(hidden()).toEqual([]);
  });

  test('twin: without the link it is lost', async () => {
    const { write, end, clock, read, committer } = await displaced({
      disk: diskWith({
        link: () => {
          throw systemError('ENOTSUP');
        },
      }),
    });
    write(theirs);
    end();
    await clock.pass(2000);
    await committer.settle();
    expect(read()).not.toContain('"worker_count": 8');
  });

  test('is merged at once when the program quits', async () => {
    const { write, end, committer, read } = await displaced();
    write(theirs);
    end();
    await committer.settle();
    expect(read()).toBe(setCursor(theirs));
  });

  test('is merged with everything that was written since', async () => {
    const { write, end, committer, commit, read, hidden } = await displaced();
    write(theirs);
    end();
    await commit((now) => mergeWriteBack(now, [{ index: 0, fields: { total_updates: 7 } }]));
    await committer.settle();
    expect(read()).toBe(
      mergeWriteBack(setCursor(theirs) ?? '', [{ index: 0, fields: { total_updates: 7 } }]),
    );
    expect(hidden()).toEqual([]);
  });

  test('that is half done is waited for', async () => {
    const { write, end, clock, read } = await displaced();
    write(theirs.slice(0, 30));
    await clock.pass(2000);
    expect(read()).toBe(setCursor(text));
    write(theirs);
    end();
    await until(async () => {
      await clock.pass(2000);
      return read() === setCursor(theirs);
    });
  });

  test('that stays half done is put aside', async () => {
    const { write, end, clock, read, folder, notices } = await displaced();
    write('[ { "list');
    end();
    await until(async () => {
      await clock.pass(2000);
      return notices.length > 0;
    });
    expect(read()).toBe(setCursor(text));
    const aside = readdirSync(folder).find((name) => name.includes('.aside-'));
    expect(readFileSync(join(folder, aside ?? ''), 'utf8')).toBe('[ { "list');
    expect(notices).toEqual([expect.stringContaining(aside ?? '?')]);
  });

  test('is put aside when the new file was saved too', async () => {
    const { write, end, committer, path, read, folder } = await displaced();
    write(theirs);
    end();
    appendFileSync(path, '// another edit\n');
    await committer.settle();
    expect(read()).toBe(`${setCursor(text)}// another edit\n`);
    const aside = readdirSync(folder).find((name) => name.includes('.aside-'));
    expect(readFileSync(join(folder, aside ?? ''), 'utf8')).toBe(theirs);
  });

  test('is put aside when the new file was saved too and we wrote on top of that', async () => {
    const { write, end, committer, path, read, folder, commit } = await displaced();
    write(theirs);
    end();
    appendFileSync(path, '// another edit\n');
    await commit(setTotal);
    await committer.settle();
    expect(read()).toBe(setTotal(`${setCursor(text)}// another edit\n`));
    const asides = readdirSync(folder).filter((name) => name.includes('.aside-'));
    expect(asides.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([theirs]);
  });

  test('is found when the folder was away at the time of the look', async () => {
    const { write, end, clock, read, hidden, folder } = await displaced();
    write(theirs);
    end();
    renameSync(folder, `${folder}-away`);
    await clock.pass(2000);
    renameSync(`${folder}-away`, folder);
    await until(async () => {
      await clock.pass(2000);
      return read() === setCursor(theirs);
    });
    await until(async () => {
      await clock.pass(2000);
      return hidden().length === 0;
    });
  });

  test('and another one at the same moment are both put aside', async () => {
    const { write, end, clock, folder, committer, commit, path } = await displaced();
    const descriptor = openSync(path, 'r+');
    await commit((now) => setCursor(now)?.replace('"2026-11-21T12', '"2026-11-21T13'));
    write('[ half');
    end();
    ftruncateSync(descriptor, 0);
    writeSync(descriptor, '[ another half', 0);
    closeSync(descriptor);
    await clock.pass(1000);
    await committer.settle();
    const asides = readdirSync(folder).filter((name) => name.includes('.aside-'));
    expect(asides.map((name) => readFileSync(join(folder, name), 'utf8')).toSorted()).toEqual([
      '[ another half',
      '[ half',
    ]);
  });

  test('that cannot be put aside yet does not undo what we write meanwhile', async () => {
    let refusing = true;
    const here = await displaced({
      disk: diskWith({
        rename: (from, to) => {
          if (refusing && to.includes('.aside-')) throw systemError('EROFS');
          realDisk.rename(from, to);
        },
      }),
    });
    const theirsAgain = theirs.replace('by hand', 'twice');
    here.write('[ half');
    await until(async () => {
      await here.clock.pass(2000);
      return here.notices.length > 0;
    });
    await here.commit(setTotal);
    here.write(theirsAgain);
    here.end();
    refusing = false;
    await until(async () => {
      await here.clock.pass(2000);
      return here.read() === setTotal(setCursor(theirsAgain) ?? '');
    });
  });

  test('waits while the disk is full', async () => {
    let full = false;
    const here = await displaced({
      disk: diskWith({
        create: async (path, bytes) => {
          if (full) throw systemError('ENOSPC');
          await realDisk.create(path, bytes);
        },
      }),
    });
    here.write(theirs);
    here.end();
    full = true;
    await here.clock.pass(2000);
    await until(() => here.notices.length > 0);
    full = false;
    await until(async () => {
      await here.clock.pass(2000);
      return here.read() === setCursor(theirs);
    });
    await here.committer.settle();
    expect(here.notices).toHaveLength(2);
  });
});

describe('a disk that fails', () => {
  const faults: [keyof Disk, string, string][] = [
    ['rename', 'EBUSY', 'state.mounted_file'],
    ['link', 'EXDEV', 'state.mounted_file'],
    ['rename', 'EXDEV', 'state.mounted_file'],
    ['create', 'ENOSPC', 'state.disk_full'],
    ['syncFile', 'ENOSPC', 'state.disk_full'],
    ['syncFile', 'EIO', 'state.disk_failed'],
    ['create', 'EACCES', 'state.denied'],
    ['create', 'EROFS', 'state.read_only'],
    ['create', 'ENOENT', 'state.folder_missing'],
    ['create', 'EMFILE', 'state.write_failed'],
  ];

  test.each(faults)(
    '%s: %s is told as %s; nothing is half done, and it goes on when it clears',
    async (effect, code, expected) => {
      let failing = true;
      const broken: Partial<Disk> = {
        [effect]: (...given: [string, never]) => {
          if (failing) throw systemError(code);
          return realDisk[effect](...given);
        },
      };
      const { commit, read, hidden } = setUp({ disk: diskWith(broken) });
      const error: unknown = await commit().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: expected, recovery: 'retry', hint: expect.stringMatching(/./) });
      expect(String(error)).toContain(code);
      expect(read()).toBe(text);
      expect(hidden()).toEqual([]);
      failing = false;
      expect(await commit()).toMatchObject({ kind: 'written' });
      expect(read()).toBe(setCursor(text));
    },
  );

  test('a file mounted by itself says to mount the folder', async () => {
    const { commit } = setUp({
      disk: diskWith({
        rename: () => {
          throw systemError('EBUSY');
        },
      }),
    });
    await expect(commit()).rejects.toMatchObject({
      hint: expect.stringContaining('Mount the folder, not the file'),
    });
  });

  test('a folder that was not synced is owed, also when nothing else is left to write', async () => {
    let syncs = 0;
    const { commit } = setUp({
      disk: diskWith({
        syncFolder: async () => {
          if (++syncs === 1) throw systemError('EIO');
        },
      }),
    });
    await expect(commit()).rejects.toMatchObject({ code: 'state.disk_failed' });
    expect(await commit()).toMatchObject({ kind: 'unchanged' });
    expect(syncs).toBe(2);
  });
});
