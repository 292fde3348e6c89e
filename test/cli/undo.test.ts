import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { go } from '../../src/cli/go.ts';
import { pause } from '../../src/cli/pause.ts';
import { queues } from '../../src/cli/queues.ts';
import { set } from '../../src/cli/set.ts';
import { status } from '../../src/cli/status.ts';
import { undo } from '../../src/cli/undo.ts';
import type { Command } from '../../src/cli/context.ts';
import { asSluiceError } from '../../src/model/errors.ts';
import { generationFile } from '../../src/state/generations/names.ts';
import { displacedPath } from '../../src/state/temporary-names.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { commandLine } from './command-line.ts';

// undo in a folder that no controller holds, where the file is gone or broken. Exit codes: S20.

const state = '[{ "list_id": "l1", "worker_count": 4, "paused": true }] // mine\n';
const last = state.replace('4', '9');

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(folder: string, command: Command, ...args: readonly string[]): Promise<Answer> {
  const context = commandLine([...args, '--state', folder], { QUEUE_URL: 'embedded:' });
  try {
    return { code: await command(context), stdout: context.printed(), stderr: '' };
  } catch (error) {
    const { message, hint = '', recovery } = asSluiceError(error);
    return { code: recovery === 'config' ? 2 : 1, stdout: context.printed(), stderr: `${message} - ${hint}` };
  }
}

/** A folder whose file was written twice by commands, and then was broken. */
async function folderWith(breaking: (path: string) => void): Promise<string> {
  const folder = temporaryFolder();
  const path = join(folder, 'state.json');
  writeFileSync(path, state);
  for (const count of [8, 9]) await run(folder, set, 'l1', `worker_count=${count}`);
  expect(readFileSync(path, 'utf8')).toBe(last);
  rmSync(path);
  breaking(path);
  return folder;
}

const textOf = (folder: string): string => readFileSync(join(folder, 'state.json'), 'utf8');

const ways: Readonly<Record<string, (path: string) => void>> = {
  'is missing': () => {},
  'is empty': (path) => writeFileSync(path, ''),
  'is broken': (path) => writeFileSync(path, '[{ "list_id": "l1", '),
  'is no text': (path) => writeFileSync(path, Buffer.from([0xff, 0xfe])),
  'is a folder': (path) => mkdirSync(path),
  'is a link to a file that is gone': (path) => symlinkSync('gone.json', path),
  'is a link into a folder that is gone': (path) => symlinkSync('gone/state.json', path),
  'is a link to itself': (path) => symlinkSync('state.json', path),
};

describe.each(Object.entries(ways))('where state.json %s', (_name, breaking) => {
  test('undo lists what can be brought back, what was there last first', async () => {
    const folder = await folderWith(breaking);
    const { code, stdout } = await run(folder, undo);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ {5}3 {2}\S+Z {2}edit\n {10}the file (is not there|cannot be read) any more\n {5}2 {2}\S+Z {2}set\n/,
    );
    expect(await run(folder, undo, '3', '--yes')).toMatchObject({ code: 0 });
    expect(textOf(folder)).toBe(last);
  });

  test('undo of a number and to a time bring it back, after a question', async () => {
    const folder = await folderWith(breaking);
    const before = readdirSync(folder).toSorted();
    const asked = await run(folder, undo, '1');
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(asked.stdout).toMatch(/^state.json (is not there|cannot be read \(.*\)): 1 entry comes back.*\n/);
    expect(asked.stdout).toContain('list "l1": worker_count 9 -> 4\n');
    expect(readdirSync(folder).toSorted()).toEqual(before);
    const done = await run(folder, undo, '--to', '2020-01-01T00:00:00Z', '--yes');
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/^write 1, of \S+Z, was the first after that\n/);
    expect(done.stdout).toContain('state.json is as it was before 1');
    expect(textOf(folder)).toBe(state);
    // Nothing was only half done, and what cannot be kept as a version lies beside it.
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('other commands point to it', async () => {
    const folder = await folderWith(breaking);
    for (const command of [pause, status, go]) {
      const args = command === pause ? ['l1'] : [];
      const { code, stderr } = await run(folder, command, ...args);
      expect([code, stderr]).toEqual([2, expect.stringContaining('back: ./run.sh undo')]);
    }
  });
});

describe('a folder without a state.json', () => {
  test('and without a version is a mistake', async () => {
    const folder = temporaryFolder();
    for (const command of [undo, status, queues]) {
      expect(await run(folder, command)).toEqual({
        code: 2,
        stdout: '',
        stderr: `there is no state.json in ${folder} - ./run.sh go makes one; --state names another folder`,
      });
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that was used, and holds no version, is not said to get one by itself', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'state.json'), state);
    expect(await run(folder, status)).toMatchObject({ code: 0 });
    rmSync(join(folder, 'state.json'));
    expect(await run(folder, undo)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(' - write one'),
    });
    expect(await run(folder, go)).toMatchObject({ code: 2, stderr: expect.stringContaining(' - write one') });
  });

  test('twin: a list without what was there last ends one write too early', async () => {
    const folder = await folderWith(() => {});
    // Without its database nobody knows what was there last.
    rmSync(join(folder, 'sluice.db'));
    expect((await run(folder, undo)).stdout).toMatch(/^ {5}2 {2}\S+Z {2}set\n/);
    await run(folder, undo, '2', '--yes');
    expect(textOf(folder)).toBe(state.replace('4', '8'));
  });
});

test.each([
  ['by a list', []],
  ['by a command that nobody can say yes to', ['1']],
  ['with --json', ['1', '--yes', '--json']],
])('a save that a killed process left behind is told, also %s', async (_, words) => {
  const folder = await folderWith((path) => writeFileSync(path, last));
  const digests = { before: '0'.repeat(16), after: '1'.repeat(16) };
  writeFileSync(displacedPath(join(folder, 'state.json'), digests), '[{ "list_id": "mine" }]');
  const context = commandLine(['--state', folder, ...words], { QUEUE_URL: 'embedded:' });
  await undo(context).catch(() => {});
  const [, aside = ''] = /could not be merged; it is in (.+)$/.exec(context.warned().join()) ?? [];
  expect(readFileSync(aside, 'utf8')).toContain('mine');
});

function gappy(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'generations'));
  const version = (number: number, hour: number, text: string): void => {
    const at = Date.UTC(2026, 10, 21, hour) / 1000;
    const name = generationFile({ number, at, reason: { by: 'run', runId: `r${number}` } });
    writeFileSync(join(folder, 'generations', name), text);
  };
  version(3, 8, state);
  version(40, 10, last);
  version(41, 12, state.replace('4', '5'));
  writeFileSync(join(folder, 'state.json'), state.replace('4', '6'));
  return folder;
}

describe('versions with gaps', () => {
  test('are listed as such', async () => {
    const { stdout } = await run(gappy(), undo);
    expect(stdout.split('\n')).toEqual([
      '    41  2026-11-21T12:00:00Z  run r41',
      '          list "l1": worker_count 5 -> 6',
      '    40  2026-11-21T10:00:00Z  run r40',
      '          list "l1": worker_count 9 -> 5',
      '        (36 in between are not kept any more)',
      '     3  2026-11-21T08:00:00Z  run r3',
      '          list "l1": worker_count 4 -> 9',
      './run.sh undo NUMBER puts state.json back as it was before that',
      '',
    ]);
  });

  test('are said to be no exact answer to a time', async () => {
    const folder = gappy();
    const { code, stdout } = await run(folder, undo, '--to', '2026-11-21T09:00:00Z', '--yes');
    expect(code).toBe(0);
    expect(stdout).toContain('write 40, of 2026-11-21T10:00:00Z, is the first after that of which');
    expect(stdout).toContain('its cursors may be those of a later time\n');
    expect(textOf(folder)).toBe(last);
    expect((await run(folder, undo, '--to', '2026-11-21T07:00:00Z')).stderr).toContain(
      'are not kept any more',
    );
    const json = await run(folder, undo, '--to', '2026-11-21T11:00:00Z', '--yes', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject([{ done: true }]);
  });
});
