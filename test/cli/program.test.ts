import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type MailchimpSimulator, startMailchimp } from '../../src/simulator/mailchimp.ts';
import { openStore } from '../../src/store/store.ts';
import type { Running } from '../support/program.ts';
import { openShell } from '../support/shell.ts';
import { until } from '../support/until.ts';

// The real program as a person's shell sees it: what is printed where, and the exit code (S20, S22).

const shell = openShell();
const { opened } = shell;

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
  opened.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function stateFolder(state: unknown = []): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'state.json'), JSON.stringify(state));
  return folder;
}

async function simulated(options: Parameters<typeof startMailchimp>[0] = {}): Promise<MailchimpSimulator> {
  const simulator = await startMailchimp(options);
  opened.push(() => simulator.close());
  return simulator;
}

function keysOf({ url, apiKey }: MailchimpSimulator): Record<string, string> {
  return { MAILCHIMP_URL: url, MAILCHIMP_APIKEY: apiKey };
}

describe('version, help and what it does not know', () => {
  test('version says which it is', async () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(shell.program.root, 'package.json'), 'utf8')));
    expect(await shell.program.run(['version', '--json'])).toMatchObject({
      code: 0,
      stdout: `{"version":"${version}"}\n`,
      stderr: '',
    });
  });

  test('help, and no command at all, list the commands', async () => {
    const help = await shell.program.run(['help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('queues peek NAME');
    expect(await shell.program.run([])).toEqual(help);
    expect(await shell.program.run(['--help'])).toEqual(help);
    expect(await shell.program.run(['help', 'help'])).toEqual(help);
  });

  test.each([[['go', '--help']], [['help', 'go']], [['go', '--once', '-h', '--bogus']]])(
    '%j says how go is used, and starts nothing',
    async (args) => {
      const folder = join(temporaryFolder(), 'state');
      const env = { SLUICE_STATE: folder, QUEUE_URL: 'nonsense:' };
      const { code, stdout, stderr } = await shell.program.run(args, { env });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^usage: \.\/run\.sh go /);
      expect(stdout).toContain('\n  --once ');
      expect(existsSync(folder)).toBe(false);
    },
  );

  test.each([
    [['toString'], 'sluice: there is no command "toString"\n  ./run.sh help lists them\n'],
    [['a\u001B[2J\nb'], 'sluice: there is no command "a\\x1b[2J\\x0ab"\n  ./run.sh help lists them\n'],
    [
      ['version', '--bogus'],
      "sluice: Unknown option '--bogus'\n  ./run.sh version --help says how it is used\n",
    ],
    [
      ['failed', '--al'],
      "sluice: Unknown option '--al'\n  did you mean --all?\n  ./run.sh failed --help says how it is used\n",
    ],
    [
      ['consume'],
      /^sluice: consume: no queue is named\n {2}for example: .*\n {2}\.\/run\.sh consume --help says how it is used\n$/,
    ],
    [['help', 'nope'], 'sluice: there is no command "nope"\n  ./run.sh help lists them\n'],
  ])('%j is exit 2, on standard error', async (args, complaint) => {
    const { code, stdout, stderr } = await shell.program.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(complaint);
  });
});

describe('exit codes', () => {
  test('2 for a state file that cannot be used, which stays as it was', async () => {
    const folder = stateFolder();
    writeFileSync(join(folder, 'state.json'), '[{');
    const { code, stdout, stderr } = await shell.program.run(['go', '--once', '--plain', '--state', folder]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /state\.json, line 1, column 3: expected .*\n {2}correct the file; it was left as it is/,
    );
    expect(readFileSync(join(folder, 'state.json'), 'utf8')).toBe('[{');
  });

  test('2 for a setting that cannot be used', async () => {
    const args = ['go', '--once', '--plain', '--state', stateFolder()];
    const { code, stderr } = await shell.program.run(args, { env: { SLUICE_PARALLEL_ENTRIES: '0' } });
    expect(code).toBe(2);
    expect(stderr).toContain('SLUICE_PARALLEL_ENTRIES must be a whole number from 1 to 100');
  });

  test('3 for a folder that another process holds', async () => {
    const folder = stateFolder();
    const holder = openStore({ folder, command: 'go', pid: 7, now: Date.now() });
    opened.push(() => holder.close());
    const { code, stderr } = await shell.program.run(['status', '--state', folder]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/is held by sluice go, process 7 .*\n {2}stop it with: touch /);
  });

  test('1 for go --once with an entry that is invalid or failed, 0 when all is well', async () => {
    const simulator = await simulated({ lists: { a: 30 } });
    const go = (state: unknown): Promise<{ code: number | null }> =>
      shell.program.run(['go', '--once', '--plain', '--state', stateFolder(state)], {
        env: { ...keysOf(simulator), QUEUE_URL: shell.queue },
      });
    const [well, invalid, failed] = await Promise.all([
      go([{ list_id: 'a' }]),
      go([{ list_id: 'a', sink: 'x' }]),
      go([{ list_id: 'unknown' }]),
    ]);
    expect([well.code, invalid.code, failed.code]).toEqual([0, 1, 1]);
  });
});

// The longest by far: a demo creates a database of its own.
describe('demo', { timeout: 60_000 }, () => {
  test('--once syncs the demo, says so, and leaves nothing behind', async () => {
    const TMPDIR = temporaryFolder();
    const ended = await shell.program.run(['demo', '--once', '--plain'], {
      env: { TMPDIR, REDIS_URL: 'redis://127.0.0.1:1' },
    });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/service "demo": completed, [45],\d{3} read, .*\n/);
    expect(ended.stdout).toMatch(/\nsluice ran .* 1 run, [45],\d{3} records, 0 failed\.\n {2}log: .*\n$/);
    expect(readdirSync(TMPDIR)).toEqual([]);
    expect(readdirSync(shell.program.root)).not.toContain('state');
  });
});

describe('status', () => {
  const statuses = z.array(z.object({ id: z.string(), state: z.string(), cursor: z.unknown() }).loose());
  const reached = z.object({
    progress: z.object({ read: z.number().min(1), published: z.number().min(1), total: z.literal(20_000) }),
  });
  const state = [
    { list_id: 'a', id: 'mine', latest_timestamp: null },
    { list_id: 'a', worker_count: 1, paused: true, latest_timestamp: '2026-01-01T00:00:00Z' },
    { list_id: 'a', paused: true },
    { service: 'nope' },
  ];

  async function statusOf(folder: string): Promise<z.infer<typeof statuses>> {
    const { code, stdout } = await shell.program.run(['status', '--json', '--state', folder]);
    expect(code).toBe(0);
    return statuses.parse(JSON.parse(stdout));
  }

  test('says the same of the same entries with a controller and without', async () => {
    const simulator = await simulated({ lists: { a: 20_000 }, latencyMs: 1000 });
    const folder = stateFolder(state);
    const before = await statusOf(folder);
    const { child, ended } = await controller(folder, { ...keysOf(simulator), QUEUE_URL: shell.queue });
    const during = await until(
      async () => {
        const found = await statusOf(folder);
        return reached.safeParse(found[0]).success ? found : undefined;
      },
      { ms: 20_000, what: 'a run that has got somewhere' },
    );
    const table = await shell.program.run(['status', '--state', folder]);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
    const after = await statusOf(folder);

    const ids = ['mine', 'a', 'a#2', 'nope'];
    for (const found of [before, during, after]) expect(found.map(({ id }) => id)).toEqual(ids);
    expect(before.map(({ state: now }) => now)).toEqual(['due', 'paused', 'paused', 'invalid']);
    expect(during.map(({ state: now }) => now)).toEqual(['load', 'paused', 'paused', 'invalid']);
    expect(after.map(({ state: now }) => now)).toEqual(['due', 'paused', 'paused', 'invalid']);
    const fields = ['cause', 'cursor', 'group', 'id', 'lastRun', 'nextRun', 'progress', 'service', 'state'];
    for (const found of [...before, ...during]) expect(Object.keys(found).toSorted()).toEqual(fields);
    for (const { progress } of [...before, ...during.slice(1), ...after]) expect(progress).toBeNull();
    expect(table.stdout).toMatch(
      /^a controller is running\nENTRY +STATE +CURSOR +PROGRESS .*\nmine +load +- +\d+ %, [\d,]+ of 20,000 /,
    );
  });

  test('tells of the last run, and when the next one is', async () => {
    const simulator = await simulated({ lists: { a: 20 } });
    const folder = stateFolder([{ list_id: 'a' }]);
    await shell.program.run(['go', '--once', '--plain', '--state', folder], {
      env: { ...keysOf(simulator), QUEUE_URL: shell.queue },
    });
    const [found] = await statusOf(folder);
    expect(found).toMatchObject({
      id: 'a',
      service: 'lists',
      state: 'ok',
      cursor: expect.stringMatching(/^\d{4}-.*Z$/),
      lastRun: { started: expect.stringMatching(/Z$/), seconds: expect.any(Number), read: 20, published: 20 },
      nextRun: expect.stringMatching(/Z$/),
      cause: null,
    });
    const { stdout } = await shell.program.run(['status', '--state', folder]);
    expect(stdout).toMatch(/^no controller is running\nENTRY .*\na +ok +\d{4}-/);
  });

  test('of a folder whose path is long finds the controller all the same', async () => {
    const folder = join(temporaryFolder(), 'a long name '.repeat(8));
    mkdirSync(folder);
    writeFileSync(join(folder, 'state.json'), '[]');
    const TMPDIR = temporaryFolder();
    const { child, ended } = await controller(folder, { TMPDIR, QUEUE_URL: shell.queue });
    expect(readdirSync(folder)).not.toContain('control.sock');
    const { stdout } = await shell.program.run(['status', '--state', folder], { env: { TMPDIR } });
    expect(stdout).toMatch(/^a controller is running\n/);
    child.kill('SIGTERM');
    await ended;
  });

  test('after a controller was killed, its socket misleads nobody', async () => {
    const folder = stateFolder();
    const { child, ended } = await controller(folder, { QUEUE_URL: shell.queue });
    child.kill('SIGKILL');
    await ended;
    expect(readdirSync(folder)).toContain('control.sock');
    expect((await shell.program.run(['status', '--state', folder])).stdout).toMatch(
      /^no controller is running\n/,
    );
    const next = await controller(folder, { QUEUE_URL: shell.queue });
    expect((await shell.program.run(['status', '--state', folder])).stdout).toMatch(
      /^a controller is running\n/,
    );
    next.child.kill('SIGTERM');
    expect(await next.ended).toMatchObject({ code: 0 });
    expect(readdirSync(folder)).not.toContain('control.sock');
  });
});

test('simulate ends with 0 on TERM, also when more signals follow at once', async () => {
  const running = shell.program.start(['simulate', 'mailchimp', '--members', '10']);
  await until(() => running.stdout().includes('ctrl-C ends it'));
  running.child.kill('SIGTERM');
  running.child.kill('SIGHUP');
  expect(await running.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
});

/** A controller that has checked its entries. */
async function controller(folder: string, env: Record<string, string>): Promise<Running> {
  const running = shell.program.start(['go', '--plain', '--state', folder], { env });
  await until(() => running.stdout().includes('|controller| checked'), { what: 'a controller' }).catch(
    (error) => {
      throw new Error(`${running.stdout()}${running.stderr()}`, { cause: error });
    },
  );
  return running;
}
