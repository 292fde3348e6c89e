import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clearLeftovers } from '../../src/state/leftovers.ts';
import { displacedPath, replacementPath } from '../../src/state/temporary-names.ts';
import { temporaryFolder } from './temporary-folder.ts';

function setUp() {
  const folder = temporaryFolder();
  const path = join(folder, 'state.json');
  const notices: string[] = [];
  const clear = () =>
    clearLeftovers({
      path,
      isWhole: (text) => text.startsWith('['),
      now: Date.UTC(2026, 10, 21, 10),
      emit: (event) => notices.push(event.type === 'notice' ? event.message : ''),
    });
  const names = (): string[] => readdirSync(folder).toSorted();
  return { folder, path, notices, clear, names };
}

/** What a process leaves behind that was killed after its rename: the old file by a link, the new one in place. */
function killedAfterRename(path: string): string {
  writeFileSync(path, '[1]');
  writeFileSync(replacementPath(path), '[2]');
  const displaced = displacedPath(path, statSync(replacementPath(path), { bigint: true }).mtimeNs);
  linkSync(path, displaced);
  utimesSync(path, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
  renameSync(replacementPath(path), path);
  return displaced;
}

function later(path: string, seconds: number): void {
  const time = new Date(Date.now() + seconds * 1000);
  utimesSync(path, time, time);
}

describe('what a killed process left is cleared at the next start', () => {
  test('a replacement that was not yet in place', async () => {
    const { path, clear, names, notices } = setUp();
    writeFileSync(path, '[1]');
    writeFileSync(replacementPath(path), '[2');
    await clear();
    expect(names()).toEqual(['state.json']);
    expect(readFileSync(path, 'utf8')).toBe('[1]');
    expect(notices).toEqual([]);
  });

  test('a link to the file that is still in place', async () => {
    const { path, clear, names } = setUp();
    writeFileSync(path, '[1]');
    linkSync(path, displacedPath(path, 5n));
    await clear();
    expect(names()).toEqual(['state.json']);
  });

  test('a displaced file that nobody wrote to', async () => {
    const { path, clear, names, notices } = setUp();
    killedAfterRename(path);
    await clear();
    expect(names()).toEqual(['state.json']);
    expect(readFileSync(path, 'utf8')).toBe('[2]');
    expect(notices).toEqual([]);
  });

  test('other files stay', async () => {
    const { folder, path, clear, names } = setUp();
    writeFileSync(path, '[1]');
    for (const name of ['.state.json.old-x.tmp', '.settings.json.old-5.tmp', 'a.tmp'])
      writeFileSync(join(folder, name), '');
    await clear();
    expect(names()).toEqual(['.settings.json.old-5.tmp', '.state.json.old-x.tmp', 'a.tmp', 'state.json']);
  });

  test('a folder without a state file is left as it is', async () => {
    const { clear, names } = setUp();
    await clear();
    expect(names()).toEqual([]);
  });
});

describe('a save into the displaced file that nobody could merge any more', () => {
  test('takes the place of the state file', async () => {
    const { path, clear, names, notices } = setUp();
    const displaced = killedAfterRename(path);
    writeFileSync(displaced, '["theirs"]');
    later(displaced, 1);
    await clear();
    expect(readFileSync(path, 'utf8')).toBe('["theirs"]');
    expect(names()).toEqual(['state.json']);
    expect(notices).toEqual([expect.stringContaining('back in place')]);
  });

  test.each([
    ['the state file was saved after it', '["theirs"]', 2],
    ['it is only half there', '"the', -1],
  ])('is put aside when %s', async (_name, saved, stateSavedAt) => {
    const { path, clear, names, notices } = setUp();
    const displaced = killedAfterRename(path);
    writeFileSync(displaced, saved);
    later(displaced, 1);
    if (stateSavedAt > 0) later(path, stateSavedAt);
    await clear();
    expect(readFileSync(path, 'utf8')).toBe('[2]');
    expect(names()).toEqual(['state.json', 'state.json.aside-20261121T100000.000']);
    expect(notices).toEqual([expect.stringContaining('aside-')]);
  });
});

/** Commits in a child process that kills itself at a fail point. */
async function killAt(point: string, path: string): Promise<void> {
  const program = `
    import { createCommitter } from ${JSON.stringify(new URL('../../src/state/commit.ts', import.meta.url).href)};
    import { systemClock } from ${JSON.stringify(new URL('../../src/model/clock.ts', import.meta.url).href)};
    const committer = createCommitter({
      path: ${JSON.stringify(path)}, clock: systemClock, emit: () => {},
      probe: (point) => { if (point === ${JSON.stringify(point)}) process.kill(process.pid, 'SIGKILL'); },
    });
    await committer.commit((text) => '["new"]', AbortSignal.timeout(10000));
  `;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: 'inherit',
  });
  const [, killedBy] = await once(child, 'exit');
  expect(killedBy).toBe('SIGKILL');
}

test.each([
  ['state.create.before', '["old"]'],
  ['state.create.after', '["old"]'],
  ['state.sync.after', '["old"]'],
  ['state.link.after', '["old"]'],
  ['state.compare.after', '["old"]'],
  ['state.rename.after', '["new"]'],
  ['state.folder.after', '["new"]'],
])('killed at %s the state file is %s and the next start finds nothing else', async (point, expected) => {
  const { path, clear, names } = setUp();
  writeFileSync(path, '["old"]');
  await killAt(point, path);
  expect(readFileSync(path, 'utf8')).toBe(expected);
  await clear();
  expect(names()).toEqual(['state.json']);
  expect(readFileSync(path, 'utf8')).toBe(expected);
});
