import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCommitter } from '../../src/state/commit.ts';
import { realDisk } from '../../src/state/disk.ts';
import { manualClock } from './manual-clock.ts';
import { temporaryFolder } from './temporary-folder.ts';

// S5: the one window that is left, a save by rename between the last compare and our rename, and how long it stays open.

const points = [
  'state.create.before',
  'state.create.after',
  'state.sync.after',
  'state.link.after',
  'state.compare.after',
  'state.rename.after',
  'state.folder.before',
  'state.folder.after',
] as const;

const before = '[{ "list_id": "a", "note": "" }]';
const theirs = '[{ "list_id": "a", "note": "mine" }]';

const ways: Readonly<Record<string, (path: string) => void>> = {
  'by rename': (path) => {
    writeFileSync(`${path}.swp`, theirs);
    renameSync(`${path}.swp`, path);
  },
  'as vim does': (path) => {
    renameSync(path, `${path}~`);
    writeFileSync(path, theirs);
    rmSync(`${path}~`);
  },
  'in place': (path) => writeFileSync(path, theirs),
};

/** Whether a save at a point of a commit is in the file afterwards. */
async function survives(way: (path: string) => void, at: string): Promise<boolean> {
  const path = join(temporaryFolder(), 'state.json');
  writeFileSync(path, before);
  let saved = false;
  const probe = (point: string): void => {
    if (point !== at || saved) return;
    saved = true;
    way(path);
  };
  const committer = createCommitter({ path, clock: manualClock(), emit: () => {}, probe });
  await committer.commit((text) => text.replace('"a"', '"b"'), AbortSignal.timeout(20_000));
  await committer.settle();
  return realDisk.read(path).includes('mine');
}

test('a save at any point of a commit survives, but for a rename in one place', async () => {
  const lost: string[] = [];
  for (const [name, way] of Object.entries(ways)) {
    for (const point of points) if (!(await survives(way, point))) lost.push(`${name} at ${point}`);
  }
  expect(lost).toEqual(['by rename at state.compare.after', 'as vim does at state.compare.after']);
});

test('that place is open for less than a millisecond', async () => {
  const path = join(temporaryFolder(), 'state.json');
  writeFileSync(path, before);
  const openMs: number[] = [];
  let compared = 0;
  const disk = {
    ...realDisk,
    identify(name: string) {
      // The last look at what the name leads to.
      if (name === path) compared = performance.now();
      return realDisk.identify(name);
    },
    rename(from: string, to: string) {
      realDisk.rename(from, to);
      openMs.push(performance.now() - compared);
    },
  };
  const committer = createCommitter({ path, clock: manualClock(), emit: () => {}, disk });
  for (let turn = 0; turn < 100; turn++) {
    await committer.commit(() => before.replace('""', `"${turn}"`), AbortSignal.timeout(20_000));
  }
  await committer.settle();
  // The median: a busy machine may stop any process at any place.
  expect(openMs.toSorted((left, right) => left - right)[50]).toBeLessThan(1);
});
