import {
  chmodSync,
  closeSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StateError } from '../../src/model/errors.ts';
import type { Probe } from '../../src/model/probe.ts';
import { createCommitter } from '../../src/state/commit.ts';
import type { ReplaceResult } from '../../src/state/commit-result.ts';
import { type Disk, realDisk } from '../../src/state/disk.ts';
import { clearLeftovers } from '../../src/state/leftovers.ts';
import { failingDisk, systemError } from './failing-disk.ts';
import { guardedDisk } from './guarded-disk.ts';
import { forgetfulDisk } from './forgetful-disk.ts';
import { manualClock } from './manual-clock.ts';
import { temporaryFolder } from './temporary-folder.ts';

// A whole text in the place of the state file, whatever stands there: what `undo` does when it is needed most.

const text = '[{ "list_id": "a" }]\n';
const theirs = '[{ "list_id": "mine" }]\n';

interface Place {
  readonly folder: string;
  readonly path: string;
  /** What was given to be kept. */
  readonly kept: Buffer[];
  readonly replace: () => Promise<ReplaceResult>;
  readonly read: () => string;
  readonly names: () => string[];
}

function setUp({ disk = realDisk, probe = () => {} }: { disk?: Disk; probe?: Probe } = {}): Place {
  const folder = temporaryFolder();
  const path = join(folder, 'state.json');
  const kept: Buffer[] = [];
  const clock = manualClock(Date.UTC(2026, 10, 21, 10));
  const committer = createCommitter({ path, clock, emit: () => {}, disk, probe });
  return {
    folder,
    path,
    kept,
    async replace() {
      const replaced = await committer.replace(text, AbortSignal.timeout(60_000), async (bytes) => {
        kept.push(bytes);
      });
      await committer.settle();
      return replaced;
    },
    read: () => readFileSync(path, 'utf8'),
    names: () => readdirSync(folder).toSorted(),
  };
}

function refuse(): never {
  throw systemError('EACCES');
}

describe('a whole text takes the place of', () => {
  test('a file, whose mode it takes', async () => {
    const { path, kept, replace, read, names } = setUp();
    writeFileSync(path, theirs);
    chmodSync(path, 0o664);
    expect(await replace()).toEqual({ kind: 'file' });
    expect([read(), names()]).toEqual([text, ['state.json']]);
    expect(kept).toEqual([Buffer.from(theirs)]);
    expect(statSync(path).mode & 0o777).toBe(0o664);
  });

  test.each([
    ['is empty', Buffer.alloc(0)],
    ['is broken', Buffer.from('[{ "list_id": ')],
    ['is no text', Buffer.from([0xff, 0xfe, 0x00, 0x5b])],
  ])('a file that %s, which is kept byte for byte', async (_name, bytes) => {
    const { path, kept, replace, read, names } = setUp();
    writeFileSync(path, bytes);
    expect(await replace()).toEqual({ kind: 'file' });
    expect([read(), names(), kept]).toEqual([text, ['state.json'], [bytes]]);
  });

  test('nothing', async () => {
    const { folder, path, kept, replace, read, names } = setUp();
    expect(await replace()).toEqual({ kind: 'nothing' });
    expect([read(), names(), kept]).toEqual([text, ['state.json'], []]);
    // Whoever owns the folder must be able to edit it.
    expect(statSync(path)).toMatchObject({ uid: statSync(folder).uid, gid: statSync(folder).gid });
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  test('nothing, at the end of a link, which stays one', async () => {
    const { folder, path, replace, read } = setUp();
    mkdirSync(join(folder, 'elsewhere'));
    symlinkSync('real.json', join(folder, 'elsewhere/another.json'));
    symlinkSync('elsewhere/another.json', path);
    expect(await replace()).toEqual({ kind: 'nothing' });
    expect(read()).toBe(text);
    expect(readlinkSync(path)).toBe('elsewhere/another.json');
    expect(readdirSync(join(folder, 'elsewhere')).toSorted()).toEqual(['another.json', 'real.json']);
  });

  test.each([
    ['a folder', (path: string) => (mkdirSync(path), writeFileSync(join(path, 'mine'), theirs))],
    ['a link to a folder', (path: string) => symlinkSync('.', path)],
    ['a link into a folder that is not there', (path: string) => symlinkSync('gone/state.json', path)],
    [
      'a link into a file',
      (path: string) => (writeFileSync(`${path}.x`, ''), symlinkSync('state.json.x/y', path)),
    ],
    ['a link to itself', (path: string) => symlinkSync('state.json', path)],
  ])('%s, which is moved aside as it is', async (_name, make) => {
    const { folder, path, kept, replace, read } = setUp();
    make(path);
    const before = lstatSync(path);
    const replaced = await replace();
    const aside = join(folder, 'state.json.aside-20261121T100000.000');
    expect(replaced).toEqual({ kind: 'aside', path: aside });
    expect([read(), kept]).toEqual([text, []]);
    expect(lstatSync(aside).ino).toBe(before.ino);
    if (before.isDirectory()) expect(readFileSync(join(aside, 'mine'), 'utf8')).toBe(theirs);
  });

  test('a file that may not be read, which is moved aside', async () => {
    const locked: Disk = {
      ...realDisk,
      read: (path) => (readFileSync(path, 'utf8') === theirs ? refuse() : realDisk.read(path)),
    };
    const { path, replace, read } = setUp({ disk: locked });
    writeFileSync(path, theirs);
    const replaced = await replace();
    expect(replaced).toMatchObject({ kind: 'aside' });
    expect(read()).toBe(text);
    if (replaced.kind === 'aside') expect(readFileSync(replaced.path, 'utf8')).toBe(theirs);
  });

  test('the same text without a write', async () => {
    const { path, kept, replace } = setUp();
    writeFileSync(path, text);
    const { ino } = statSync(path);
    expect(await replace()).toEqual({ kind: 'unchanged' });
    expect([statSync(path).ino, kept]).toEqual([ino, []]);
  });
});

describe('where a folder is not there', () => {
  test('it is an error, and nothing is made', async () => {
    const { folder, replace } = setUp();
    rmSync(folder, { recursive: true });
    await expect(replace()).rejects.toBeInstanceOf(StateError);
    expect(() => readdirSync(folder)).toThrow('ENOENT');
  });
});

describe('a version that cannot be kept', () => {
  test('is not replaced', async () => {
    const { path, read, names } = setUp();
    writeFileSync(path, theirs);
    const committer = createCommitter({ path, clock: manualClock(), emit: () => {} });
    const replaced = committer.replace(text, AbortSignal.timeout(60_000), async () => {
      throw new StateError('no room', { code: 'state.x', recovery: 'retry' });
    });
    await expect(replaced).rejects.toThrow('no room');
    expect([read(), names()]).toEqual([theirs, ['state.json']]);
  });
});

const points = [
  'state.create.before',
  'state.create.after',
  'state.sync.after',
  'state.compare.after',
  'state.rename.after',
  'state.folder.before',
  'state.folder.after',
];

/** A person saves at a point, while a file is made where there was none. @returns what is lost of it */
async function saveAt(point: string, disk: Disk): Promise<boolean> {
  let saved = false;
  const probe: Probe = (now) => {
    if (now !== point || saved) return;
    saved = true;
    writeFileSync(place.path, theirs);
  };
  const place = setUp({ disk, probe });
  await place.replace();
  expect(saved).toBe(true);
  expect(place.names()).toEqual(['state.json']);
  return place.read() !== theirs && place.kept.every((bytes) => bytes.toString() !== theirs);
}

const withoutLinks: Disk = {
  ...realDisk,
  link: () => {
    throw systemError('EPERM');
  },
};

describe('a file that a person makes in the same moment', () => {
  test.each(points)('at %s is never lost', async (point) => {
    expect(await saveAt(point, realDisk)).toBe(false);
  });

  test('twin: a rename puts one over it', async () => {
    const renaming: Disk = { ...realDisk, link: (from, to) => realDisk.rename(from, to) };
    expect(await saveAt('state.compare.after', renaming)).toBe(true);
  });

  test('without hard links one instant is left', async () => {
    const lost: string[] = [];
    for (const point of points) if (await saveAt(point, withoutLinks)) lost.push(point);
    expect(lost).toEqual(['state.compare.after']);
  });
});

const isThere = (path: string): boolean => readdirSync(join(path, '..')).includes(basename(path));

describe('a disk that fails', () => {
  const obstacles: Readonly<Record<string, (path: string) => void>> = {
    'nothing is there': () => {},
    'a folder is there': (path) => mkdirSync(path),
    'a link leads nowhere': (path) => symlinkSync('gone/state.json', path),
  };
  test.each(Object.entries(obstacles))('at any call leaves all or nothing, where %s', async (_name, make) => {
    for (const code of ['ENOSPC', 'EACCES', 'EROFS', 'EBUSY', 'EIO']) {
      for (let call = 0; ; call += 1) {
        const disk = failingDisk();
        const { path, replace, read, names } = setUp({ disk });
        make(path);
        const before = [...names()];
        disk.fail(code, { from: call, to: call });
        const outcome: unknown = await replace().catch((error: unknown) => error);
        if (outcome instanceof Error) {
          expect(outcome).toBeInstanceOf(StateError);
          expect(outcome.message).toContain(code);
          // The name is synced last: what stands there then is whole.
          if (names().some((name) => name.includes('aside')) || before.length === 0) {
            expect(['', text]).toContain(isThere(path) ? read() : '');
          } else expect(names().filter((name) => !name.endsWith('.tmp'))).toEqual(before);
        }
        disk.clear();
        const again = await replace();
        expect(['nothing', 'aside', 'unchanged', 'file']).toContain(again.kind);
        expect(read()).toBe(text);
        await clearLeftovers({ path, isWhole: () => true, now: 0, emit: () => {} });
        const left = names().filter((name) => !name.includes('aside'));
        expect(left).toEqual(['state.json']);
        if (before.length > 0) expect(names()).toContain('state.json.aside-20261121T100000.000');
        if (disk.calls.length <= call) break;
      }
    }
  });
});

describe('a process that is killed', () => {
  const deaths = [...points, 'state.link.after'].flatMap((point) =>
    ['nothing', 'a folder', 'half a file'].map((what) => [point, what] as const),
  );
  test.each(deaths)(
    'at %s where there is %s leaves nothing that the next one trips over',
    async (point, what) => {
      let isDead = false;
      const dying = guardedDisk(realDisk, () => {
        if (isDead) throw systemError('EIO');
      });
      const { path, replace, read, names } = setUp({
        disk: dying,
        probe: (now) => (isDead ||= now === point),
      });
      if (what === 'a folder') mkdirSync(path);
      if (what === 'half a file') writeFileSync(path, '[{');
      await replace().catch(() => {});
      expect(['[{', text, '']).toContain(what !== 'a folder' && isThere(path) ? read() : '');
      isDead = false;
      const next = createCommitter({ path, clock: manualClock(), emit: () => {} });
      await clearLeftovers({ path, isWhole: () => true, now: 0, emit: () => {} });
      await next.replace(text, AbortSignal.timeout(60_000), () => Promise.resolve());
      await next.settle();
      expect(read()).toBe(text);
      const left = names().filter((name) => name !== 'state.json');
      expect(left).toEqual(what === 'a folder' ? [expect.stringContaining('.aside-')] : []);
    },
  );
});

test('what an editor saved into a file that was replaced, and then removed, is put aside', async () => {
  const { path, folder, names } = setUp();
  writeFileSync(path, '[{ "list_id": "old" }]');
  const clock = manualClock();
  const committer = createCommitter({ path, clock, emit: () => {} });
  const editor = openSync(path, 'r+');
  await committer.commit((now) => now.replace('old', 'new'), AbortSignal.timeout(60_000));
  rmSync(path);
  writeSync(editor, theirs, 0);
  ftruncateSync(editor, theirs.length);
  closeSync(editor);
  await committer.replace(text, AbortSignal.timeout(60_000), () => Promise.resolve());
  await committer.settle();
  expect(readFileSync(path, 'utf8')).toBe(text);
  const aside = names().find((name) => name.includes('.aside-')) ?? '';
  expect(readFileSync(join(folder, aside), 'utf8')).toBe(theirs);
});

/** What the name may lead to after the power failed at each point. */
async function withPowerLosses(change: (disk: Disk) => Partial<Disk> = () => ({})) {
  const path = '/state/state.json';
  const disk = forgetfulDisk(path, 'old');
  disk.remove(path);
  await disk.syncFolder('/state');
  const during = new Set<string | undefined>();
  const committer = createCommitter({
    path,
    clock: manualClock(),
    emit: () => {},
    disk: { ...disk, ...change(disk) },
    probe: () => {
      for (const content of disk.afterPowerLoss(path)) during.add(content);
    },
  });
  await committer.replace('new', AbortSignal.timeout(10_000), () => Promise.resolve());
  return { during, afterwards: new Set(disk.afterPowerLoss(path)) };
}

describe('a loss of power', () => {
  test('leaves nothing or the whole file (invariant 3), and the whole file afterwards', async () => {
    const { during, afterwards } = await withPowerLosses();
    expect(during).toEqual(new Set([undefined, 'new']));
    expect(afterwards).toEqual(new Set(['new']));
  });

  test('twin: without a sync of the file it may be empty', async () => {
    expect((await withPowerLosses(() => ({ syncFile: async () => {} }))).during).toContain('');
  });

  test('twin: without a sync of the folder it may be forgotten', async () => {
    expect((await withPowerLosses(() => ({ syncFolder: async () => {} }))).afterwards).toContain(undefined);
  });
});
