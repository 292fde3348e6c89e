import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, type TestContext } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { createCommitter } from '../../src/state/commit.ts';
import { mountFile, mountOver } from '../support/mounted.ts';
import { temporaryFolder } from './temporary-folder.ts';

// The faults of disk-faults.test.ts once more, made by the system itself.

const before = `[{ "list_id": "a", "note": "${'x'.repeat(8000)}" }]\n`;
const after = before.replace('"a"', '"b"');

interface Fault {
  readonly code: string;
  readonly hint: string;
  /** Makes it; what is returned clears it. */
  readonly make: (context: TestContext, folder: string) => () => void;
}

const faults: Readonly<Record<string, Fault>> = {
  'a full disk': {
    code: 'state.disk_full',
    hint: 'Free some space',
    make(context, folder) {
      const disk = mountOver(context, folder);
      writeFileSync(join(folder, 'state.json'), before);
      disk.fill();
      return () => disk.free();
    },
  },
  'a file system that became read-only': {
    code: 'state.read_only',
    hint: 'writable',
    make(context, folder) {
      const disk = mountOver(context, folder);
      writeFileSync(join(folder, 'state.json'), before);
      disk.setReadOnly(true);
      return () => disk.setReadOnly(false);
    },
  },
  'a mounted file': {
    code: 'state.mounted_file',
    hint: 'Mount the folder, not the file',
    make: (context, folder) => mountFile(context, join(folder, 'state.json'), join(folder, 'state.json')),
  },
  'a folder that may not be written': {
    code: 'state.denied',
    hint: 'write permission on the state folder',
    make(_context, folder) {
      chmodSync(dirname(folder), 0o755);
      chmodSync(folder, 0o555);
      // Root may write everywhere.
      const isRoot = process.geteuid?.() === 0;
      if (isRoot) process.seteuid?.(65_534);
      const clear = (): void => {
        if (isRoot) process.seteuid?.(0);
        chmodSync(folder, 0o755);
      };
      onTestFinished(clear);
      return clear;
    },
  },
};

for (const [name, { code, hint, make }] of Object.entries(faults)) {
  test(`${name} is told with what to do, and it goes on when it clears`, async (context) => {
    const folder = join(temporaryFolder(), 'state');
    mkdirSync(folder);
    const path = join(folder, 'state.json');
    writeFileSync(path, before);
    const signal = AbortSignal.timeout(20_000);
    const committer = createCommitter({ path, clock: systemClock, emit: () => {} });
    const commit = () => committer.commit((text) => text.replace('"a"', '"b"'), signal);

    const clear = make(context, folder);
    for (let time = 0; time < 3; time++) {
      await expect(commit()).rejects.toMatchObject({
        code,
        recovery: 'retry',
        hint: expect.stringContaining(hint),
      });
      expect(readFileSync(path, 'utf8')).toBe(before);
      expect(readdirSync(folder).filter((other) => other.endsWith('.tmp'))).toEqual([]);
    }
    clear();
    expect(await commit()).toMatchObject({ kind: 'written' });
    await committer.settle();
    expect(readFileSync(path, 'utf8')).toBe(after);
    expect(readdirSync(folder)).toEqual(['state.json']);
  });
}
