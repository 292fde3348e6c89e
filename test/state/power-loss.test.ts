import { expect, test } from 'vitest';
import { createCommitter } from '../../src/state/commit.ts';
import type { Disk } from '../../src/state/disk.ts';
import { forgetfulDisk } from './forgetful-disk.ts';
import { manualClock } from './manual-clock.ts';

const path = '/state/state.json';

/** Whatever `state.json` may hold after the power failed at each point of a commit, and after the commit. */
async function commitWithPowerLosses(change: (disk: Disk) => Partial<Disk> = () => ({})) {
  const disk = forgetfulDisk(path, 'old');
  const during = new Set<string | undefined>();
  const points: string[] = [];
  const committer = createCommitter({
    path,
    clock: manualClock(),
    emit: () => {},
    disk: { ...disk, ...change(disk) },
    probe: (point) => {
      points.push(point);
      for (const content of disk.afterPowerLoss(path)) during.add(content);
    },
  });
  await committer.commit(() => 'new', AbortSignal.timeout(10_000));
  return { points, during, afterwards: new Set(disk.afterPowerLoss(path)) };
}

test('at every point of a commit a loss of power leaves the old file or the new one, whole (invariant 3)', async () => {
  const { during, points } = await commitWithPowerLosses();
  expect(during).toEqual(new Set(['new', 'old']));
  expect(points).toEqual([
    'state.create.before',
    'state.create.after',
    'state.sync.after',
    'state.link.after',
    'state.compare.after',
    'state.rename.after',
    'state.folder.before',
    'state.folder.after',
  ]);
});

test('a commit that has returned survives a loss of power', async () => {
  expect((await commitWithPowerLosses()).afterwards).toEqual(new Set(['new']));
});

test('twin: without a sync of the file it may be empty', async () => {
  const { during } = await commitWithPowerLosses(() => ({ syncFile: async () => {} }));
  expect(during).toContain('');
});

test('twin: without a sync of the folder the commit may be forgotten', async () => {
  const { afterwards } = await commitWithPowerLosses(() => ({ syncFolder: async () => {} }));
  expect(afterwards).toContain('old');
});

test('twin: renaming before syncing may leave an empty file', async () => {
  const { during } = await commitWithPowerLosses((disk) => ({
    syncFile: async () => {},
    syncFolder: async (folder) => {
      await disk.syncFolder(folder);
      await disk.syncFile(path);
    },
  }));
  expect(during).toContain('');
});
