import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StateError } from '../../src/model/errors.ts';
import { createCommitter } from '../../src/state/commit.ts';
import type { StateEdit } from '../../src/state/commit-result.ts';
import type { Disk } from '../../src/state/disk.ts';
import { clearLeftovers } from '../../src/state/leftovers.ts';
import { type FailingCalls, failingDisk } from './failing-disk.ts';
import { manualClock } from './manual-clock.ts';
import { temporaryFolder } from './temporary-folder.ts';

const before = '[{ "list_id": "a" }]\n';
const after = '[{ "list_id": "b" }]\n';
const edit: StateEdit = (text) => text.replace('"a"', '"b"');
const signal = AbortSignal.timeout(60_000);

const codes = ['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EXDEV', 'EBUSY', 'EIO', 'EMFILE', 'ENOTSUP'];

type Change = (disk: Disk) => Partial<Disk>;

/**
 * A disk of which the calls `which` of a commit fail with `code`, and that then works again.
 * Throws where the promise is broken.
 */
async function checkFault(code: string, which: FailingCalls, change: Change = () => ({})): Promise<void> {
  const folder = temporaryFolder();
  const path = join(folder, 'state.json');
  writeFileSync(path, before);
  const failing = failingDisk();
  const disk = { ...failing, ...change(failing) };
  const clock = manualClock();
  const committer = createCommitter({ path, clock, emit: () => {}, disk });
  const read = (): string => readFileSync(path, 'utf8');

  failing.fail(code, which);
  const outcome: unknown = await committer.commit(edit, signal).catch((error: unknown) => error);
  if (outcome instanceof Error) {
    expect(outcome).toBeInstanceOf(StateError);
    expect(outcome).toMatchObject({ recovery: 'retry', hint: expect.stringMatching(/\w+ .*\./) });
    expect(outcome.message).toContain(path);
    expect(outcome.message).toContain(code);
  }
  // Never half, and never gone: whatever happened, one of the two stands there whole.
  expect([before, after]).toContain(read());

  failing.clear();
  expect(await committer.commit(edit, signal)).toMatchObject({
    kind:
      outcome instanceof Error && read() === before ? 'written' : expect.stringMatching(/written|unchanged/),
  });
  expect(read()).toBe(after);
  await committer.settle();
  // A disk that refuses everything refuses to remove a file too: what it kept goes at the next start.
  if (which.to === undefined) {
    await clearLeftovers({ path, isWhole: () => true, now: 0, emit: () => {}, disk });
  }
  expect(readdirSync(folder)).toEqual(['state.json']);
  expect(read()).toBe(after);
}

const leaving: Change = (disk) => ({
  remove(path) {
    if (!path.includes('.old-')) disk.remove(path);
  },
});

const inPlace: Change = (disk) => ({
  create: async (name, bytes) => {
    const path = name.replace(/\.(state\.json)\.new\.tmp$/, '$1');
    writeFileSync(path, bytes.subarray(0, 5));
    await disk.syncFile(path);
  },
});

/** How many calls of the disk a commit is made of. */
async function countCalls(): Promise<number> {
  const path = join(temporaryFolder(), 'state.json');
  writeFileSync(path, before);
  const disk = failingDisk();
  const committer = createCommitter({ path, clock: manualClock(), emit: () => {}, disk });
  await committer.commit(edit, signal);
  return disk.calls.length;
}

describe('a disk that begins to fail in the middle of a commit', () => {
  test.each(codes)(
    'with %s, at any step: told with what to do, nothing half done, and it goes on',
    async (code) => {
      const steps = await countCalls();
      expect(steps).toBeGreaterThan(12);
      for (let step = 0; step < steps; step++) {
        await checkFault(code, { from: step });
        // Where the fault is over at once, nothing is left for a later start to clear.
        await checkFault(code, { from: step, to: step });
      }
    },
  );

  test('twin: without the removal of what was begun something is left behind', async () => {
    await expect(checkFault('EIO', { from: 5, to: 5 }, leaving)).rejects.toThrow(
      "to deeply equal [ 'state.json' ]",
    );
  });

  test('twin: writing in place leaves half a file', async () => {
    await expect(checkFault('ENOSPC', { of: ['syncFile'] }, inPlace)).rejects.toThrow('[{ "');
  });
});
