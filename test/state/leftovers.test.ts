import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clearLeftovers } from '../../src/state/leftovers.ts';
import { digestOf, displacedPath, replacementPath } from '../../src/state/temporary-names.ts';
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
  const displaced = displacedPath(path, digests('[1]', '[2]'));
  linkSync(path, displaced);
  renameSync(replacementPath(path), path);
  return displaced;
}

function digests(before: string, after: string): { before: string; after: string } {
  return { before: digestOf(Buffer.from(before)), after: digestOf(Buffer.from(after)) };
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
    linkSync(path, displacedPath(path, digests('[1]', '[2]')));
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
    for (const name of [
      '.state.json.old-x.tmp',
      '.settings.json.old-0123456789abcdef-0123456789abcdef.tmp',
      'a.tmp',
    ])
      writeFileSync(join(folder, name), '');
    await clear();
    expect(names()).toEqual([
      '.settings.json.old-0123456789abcdef-0123456789abcdef.tmp',
      '.state.json.old-x.tmp',
      'a.tmp',
      'state.json',
    ]);
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
    await clear();
    expect(readFileSync(path, 'utf8')).toBe('["theirs"]');
    expect(names()).toEqual(['state.json']);
    expect(notices).toEqual([expect.stringContaining('back in place')]);
  });

  test('takes it also when we wrote twice since', async () => {
    const { path, clear, names } = setUp();
    const displaced = killedAfterRename(path);
    linkSync(path, displacedPath(path, digests('[2]', '[3]')));
    writeFileSync(replacementPath(path), '[3]');
    renameSync(replacementPath(path), path);
    writeFileSync(displaced, '["theirs"]');
    await clear();
    expect(readFileSync(path, 'utf8')).toBe('["theirs"]');
    expect(names()).toEqual(['state.json']);
  });

  test('is known whatever the clock of the file system says', async () => {
    const { path, clear } = setUp();
    const displaced = killedAfterRename(path);
    writeFileSync(displaced, '["theirs"]');
    const long = new Date(0);
    utimesSync(displaced, long, long);
    await clear();
    expect(readFileSync(path, 'utf8')).toBe('["theirs"]');
  });

  test('twice, with a save of the state file: all three are kept', async () => {
    const { path, clear, names, folder } = setUp();
    const first = killedAfterRename(path);
    const second = displacedPath(path, digests('[0]', '[1]'));
    writeFileSync(second, '["second"]');
    writeFileSync(first, '["first"]');
    writeFileSync(path, '["third"]');
    await clear();
    const contents = names().map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(contents.toSorted()).toEqual(['["first"]', '["second"]', '["third"]']);
  });

  test.each([
    ['the state file was saved too', '["theirs"]', '[3]'],
    ['it is only half there', '"the', '[2]'],
  ])('is put aside when %s', async (_name, saved, inPlace) => {
    const { path, clear, names, notices } = setUp();
    const displaced = killedAfterRename(path);
    writeFileSync(displaced, saved);
    writeFileSync(path, inPlace);
    await clear();
    expect(readFileSync(path, 'utf8')).toBe(inPlace);
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
