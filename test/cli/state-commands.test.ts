import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { pause } from '../../src/cli/pause.ts';
import { reset } from '../../src/cli/reset.ts';
import { resume } from '../../src/cli/resume.ts';
import { set } from '../../src/cli/set.ts';
import { undo } from '../../src/cli/undo.ts';
import { asSluiceError } from '../../src/model/errors.ts';
import { noTotals } from '../../src/model/run-totals.ts';
import type { MailchimpOptions } from '../../src/simulator/mailchimp-options.ts';
import { startMailchimp } from '../../src/simulator/mailchimp.ts';
import { openStore } from '../../src/store/store.ts';
import type { Program, Running } from '../support/program.ts';
import { openShell } from '../support/shell.ts';
import { until } from '../support/until.ts';
import { commandLine } from './command-line.ts';

// set, reset, pause, resume and undo as a person types them, with the real program: beside a running controller, whose
// socket they use, and without one. Exit codes: S20.

const commands = { set, reset, pause, resume, undo };

const shell = openShell();
const { opened } = shell;

interface Place {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  text(): string;
  write(text: string): void;
  entry(): Readonly<Record<string, unknown>>;
  /** Runs a command on the folder. */
  run(...args: readonly string[]): ReturnType<Program['run']>;
  /** The same in this process, where only what it does matters. */
  here(
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
  /** Starts `go`. @returns what it told so far, by type */
  go(): Running & { readonly told: (type: string) => readonly Record<string, unknown>[] };
  versions(): readonly string[];
}

async function place(text: string, options: MailchimpOptions = {}): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-commands-'));
  opened.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  const simulator = await startMailchimp({ lists: { l1: 1000, l2: 300 }, ...options });
  opened.push(() => simulator.close());
  const path = join(folder, 'state.json');
  writeFileSync(path, text);
  const env = {
    QUEUE_URL: shell.queue,
    MAILCHIMP_URL: simulator.url,
    MAILCHIMP_APIKEY: simulator.apiKey,
  };
  const read = (): string => readFileSync(path, 'utf8');
  return {
    folder,
    env,
    text: read,
    write: (next) => writeFileSync(path, next),
    entry: () => z.array(z.record(z.string(), z.unknown())).parse(JSON.parse(read()))[0] ?? {},
    run: async (...args) => await shell.program.run([...args, '--state', folder], { env }),
    async here(name, ...args) {
      const context = commandLine([...args, '--state', folder], env);
      const command = z.enum(['set', 'reset', 'pause', 'resume', 'undo']).parse(name);
      try {
        return { code: await commands[command](context), stdout: context.printed(), stderr: '' };
      } catch (error) {
        const { message, hint, recovery } = asSluiceError(error);
        const stderr = `${message} ${hint ?? ''}`;
        return { code: recovery === 'config' ? 2 : 1, stdout: context.printed(), stderr };
      }
    },
    go() {
      const running = shell.program.start(['go', '--json', '--state', folder], { env });
      const line = z.record(z.string(), z.unknown());
      const told = (type: string) =>
        running
          .stdout()
          .split('\n')
          .slice(0, -1)
          .map((one) => line.parse(JSON.parse(one)))
          .filter((event) => event['type'] === type);
      return { ...running, told };
    },
    versions: () => {
      try {
        return readdirSync(join(folder, 'generations'));
      } catch {
        return [];
      }
    },
  };
}

async function stop({ folder }: Place, running: Running): Promise<void> {
  writeFileSync(join(folder, 'controller.quit'), '');
  expect((await running.ended).code).toBe(0);
}

describe('without a controller', () => {
  const state = '[{ "list_id": "l1", "worker_count": 4 }] // mine\n';

  test('set, pause, undo and undo of the undo, byte for byte', async () => {
    const at = await place(state);
    expect(await at.run('set', 'l1', 'worker_count=8', 'schedule=0 3 * * *')).toEqual({
      code: 0,
      signal: null,
      stdout: 'list "l1": worker_count 4 -> 8, schedule (none) -> "0 3 * * *"\n',
      stderr: '',
    });
    expect(await at.run('pause', 'l1')).toMatchObject({
      code: 0,
      stdout: 'list "l1" is paused, also over a restart\n',
    });
    const paused = at.text();
    const list = await at.run('undo');
    expect(list.stdout).toMatch(
      /^ {5}2 {2}\S+Z {2}pause\n {10}list "l1": paused \(none\) -> true\n {5}1 {2}\S+Z {2}set\n {10}list "l1": worker_count 4 -> 8/,
    );
    expect(await at.run('undo', '1', '--yes')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('state.json is as it was before 1; undo 3 takes that back\n'),
    });
    expect(at.text()).toBe(state);
    await at.run('undo', '3', '--yes');
    expect(at.text()).toBe(paused);
    expect(at.versions()).toHaveLength(4);
    // The displaced files were looked at, and nothing else is left lying about.
    expect(readdirSync(at.folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('a reset is asked for, and nobody is there to ask', async () => {
    const at = await place('[{ "list_id": "l1", "latest_timestamp": "2026-01-01T00:00:00Z" }]');
    const before = at.text();
    const asked = await at.here('reset', 'l1');
    expect(asked.code).toBe(2);
    expect(asked.stdout).toContain('list "l1": reads about 1,000 records again');
    expect(asked.stderr).toContain('repeat the command with --yes');
    expect(at.text()).toBe(before);
    const done = await at.here('reset', 'l1', '--yes', '--json');
    expect(JSON.parse(done.stdout)).toEqual([
      {
        done: true,
        message: 'list "l1" reads everything again',
        changes: ['list "l1": latest_timestamp 2026-01-01T00:00:00Z -> null'],
        costs: [{ label: 'list "l1"', text: 'reads about 1,000 records again' }],
      },
    ]);
    expect(at.entry()).toMatchObject({ latest_timestamp: null });
  });

  test.each([
    [true, 0, null],
    [false, 1, '2026-01-01T00:00:00Z'],
  ])('a person who is asked and says %s', async (isYes, code, cursor) => {
    const at = await place('[{ "list_id": "l1", "latest_timestamp": "2026-01-01T00:00:00Z" }]');
    const context = commandLine(['l1', '--state', at.folder], at.env);
    const questions: string[] = [];
    const confirm = (question: string): Promise<boolean> => {
      // What it costs stands above the question, and the folder is free while the person thinks.
      openStore({ folder: at.folder, command: 'test', pid: 1, now: 0 }).close();
      questions.push(`${context.printed()}${question}`);
      return Promise.resolve(isYes);
    };
    expect(await reset({ ...context, confirm })).toBe(code);
    expect(questions).toEqual([
      'list "l1": latest_timestamp 2026-01-01T00:00:00Z -> null\nlist "l1": reads about 1,000 records again\nDo it?',
    ]);
    expect(at.entry()['latest_timestamp']).toBe(cursor);
  });

  test('undo --to a time goes to what was in force then', async () => {
    const at = await place(state);
    await at.here('set', 'l1', 'worker_count=8');
    await at.here('set', 'l1', 'worker_count=9');
    expect((await at.here('undo', '--to', '2020-01-01T00:00:00Z', '--yes')).code).toBe(0);
    expect(at.text()).toBe(state);
    expect(await at.here('undo', '--to', '2999-01-01T00:00:00Z', '--yes')).toMatchObject({ code: 2 });
  });

  test.each([
    ['set', ['l1', 'worker_count=0'], '"worker_count" must be a whole number from 1 to 100, found 0'],
    ['set', ['l1', 'worker_count=2', 'worker_count=3'], '"worker_count" is given twice'],
    ['set', ['l1'], 'expected: set ENTRY field=value'],
    ['set', [], 'expected: set ENTRY field=value'],
    ['set', ['L1', 'paused=true'], 'did you mean "l1"?'],
    ['reset', [], 'expected: reset ENTRY'],
    ['pause', [], 'expected: pause ENTRY..., or pause --all'],
    ['pause', ['--all', 'l1'], 'which of them?'],
    ['resume', ['nobody'], 'there is no entry "nobody"'],
    ['undo', ['5'], 'nothing was written yet'],
    ['undo', ['last'], '"last" is no number of a version'],
    ['undo', ['--to', 'noon'], '"noon" is no time'],
    ['undo', ['--all'], 'Unknown option'],
  ] as const)('%s %j is a mistake (exit 2) and writes nothing', async (name, args, message) => {
    const at = await place(state);
    const context = commandLine([...args, '--state', at.folder], at.env);
    const [outcome] = await Promise.allSettled([commands[name](context)]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { recovery: 'config' } });
    expect(outcome).toMatchObject({ reason: { message: expect.stringContaining(message) } });
    expect(context.printed()).toBe('');
    expect(at.text()).toBe(state);
    expect(at.versions()).toEqual([]);
  });

  test('a file that cannot be read is exit 2, and undo is the way out', async () => {
    const at = await place(state);
    await at.here('set', 'l1', 'worker_count=8');
    at.write('[{ oops');
    expect((await at.here('pause', 'l1')).code).toBe(2);
    expect(at.text()).toBe('[{ oops');
    expect((await at.here('undo', '1', '--yes')).code).toBe(0);
    expect(at.text()).toBe(state);
  });

  test.concurrent('a folder that somebody holds without a socket is exit 3', async () => {
    const at = await place(state);
    const store = openStore({ folder: at.folder, command: 'trial', pid: process.pid, now: 0 });
    try {
      expect(await at.run('pause', 'l1')).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('is held by sluice trial'),
      });
    } finally {
      store.close();
    }
    expect(at.text()).toBe(state);
  });

  test('a result that a killed controller owed is written before an undo, and does not come back after it', async () => {
    const at = await place('[{ "list_id": "l1", "latest_timestamp": "2026-11-21T10:00:00Z" }]');
    const store = openStore({ folder: at.folder, command: 'test', pid: 1, now: 0 });
    // Killed between the rename of the file and the last commit: the file has the result, the store does not know.
    const frozen = { list_id: 'l1', latest_timestamp: '2026-11-21T08:00:00Z' };
    store.entries.replace([{ identity: 'e1', raw: frozen }]);
    const totals = noTotals;
    const span = { kind: 'ranged' as const, window: { since: 1, until: 2 } };
    const cursorTo = '2026-11-21T10:00:00Z';
    const run = { id: 'r1', entry: 'e1', label: 'list "l1"', mode: 'SYNC', frozen, span, cursorTo } as const;
    store.runs.begin({ ...run, started: 1000, totals });
    store.runs.complete('r1', { totals, cursorTo, tail: new Map() });
    store.close();
    await at.here('set', 'l1', 'latest_timestamp=2026-11-21T08:00:00Z', '--yes');
    const after = openStore({ folder: at.folder, command: 'test', pid: 1, now: 0 });
    expect(after.runs.completing()).toEqual([]);
    after.close();
    expect(at.entry()).toMatchObject({ latest_timestamp: '2026-11-21T08:00:00Z' });
  });
});

describe('beside a running controller', () => {
  // Far longer than two commands take, also on a busy machine.
  const slow = { latencyMs: 100, lists: { l1: 4000 } };
  const state = '[\n  // mine\n  { "list_id": "l1", "items_per_request": 20, "worker_count": 2 }\n]\n';

  test.concurrent('set in the middle of a run is live at once; pause lets it rest, also over a restart; resume goes on', async () => {
    const at = await place(state, slow);
    let going = at.go();
    await until(() => going.told('page.confirmed').length > 1);
    expect(await at.run('set', 'l1', 'worker_count=4')).toMatchObject({
      code: 0,
      stdout: 'list "l1": worker_count 2 -> 4\n',
    });
    await until(() => going.told('page.read').some(({ worker }) => Number(worker) > 2));
    expect((await at.run('pause', '--all')).code).toBe(0);
    await until(() => going.told('run.drained').length === 1);
    await stop(at, going);
    going = at.go();
    await until(() => going.told('entry.paused').length === 1);
    expect(going.told('run.started')).toEqual([]);
    expect((await at.run('resume', 'l1')).stdout).toBe('list "l1" goes on\n');
    await until(() => going.told('run.finished').length === 1, { ms: 30_000 });
    expect(going.told('run.started')).toMatchObject([{ resumed: true }]);
    await stop(at, going);
  });

  test.concurrent('undo in the middle of a run cancels it and puts the file back, byte for byte', async () => {
    const recent = new Date(Date.now() - 3 * 3_600_000).toISOString();
    const at = await place(state.replace('"items', `"latest_timestamp": "${recent}", "items`), slow);
    const going = at.go();
    await until(() => going.told('run.finished').length === 1, { ms: 30_000 });
    const synced = at.text();
    expect((await at.run('reset', 'l1', '--yes')).code).toBe(0);
    await until(() => going.told('run.started').length === 2);
    const before = going.told('page.confirmed').length;
    await until(() => going.told('page.confirmed').length > before + 2);
    const asked = await at.run('undo', '2');
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(asked.stdout).toMatch(
      /list "l1": the run that is on is cancelled, and the \d+ records it has done/,
    );
    const undone = await at.run('undo', '2', '--yes');
    expect(undone).toMatchObject({ code: 0, stderr: '' });
    expect(undone.stdout).toContain('state.json is as it was before 2; undo 3 takes that back');
    await until(() => going.told('run.cancelled').length === 1);
    expect(going.told('run.cancelled')).toMatchObject([{ reason: 'latest_timestamp was edited' }]);
    // In step again, as it was before: nothing is due.
    expect(at.text()).toBe(synced);
    const listed = z
      .array(z.object({ by: z.string() }).loose())
      .parse(JSON.parse((await at.run('undo', '--json')).stdout));
    expect(listed.map(({ by }) => by)).toEqual(['undo', 'reset', 'run']);
    await stop(at, going);
    expect(at.text()).toBe(synced);
  });

  test.concurrent('a file that was removed in the middle of a run comes back as it was, and the run ends in it', async () => {
    const at = await place(state, { ...slow, lists: { l1: 2000 } });
    const going = at.go();
    await until(() => going.told('page.confirmed').length > 1);
    rmSync(join(at.folder, 'state.json'));
    await until(() => going.told('state.rejected').length === 1);
    expect(await at.run('pause', 'l1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('./run.sh undo brings an earlier version back'),
    });
    expect((await at.run('undo')).stdout).toMatch(
      /^ {5}1 {2}\S+Z {2}edit\n {10}the file is not there any more\n/,
    );
    expect(await at.run('undo', '1', '--yes')).toMatchObject({
      code: 0,
      stdout: 'state.json is not there: 1 entry comes back\nstate.json is as it was before 1\n',
    });
    expect(at.text()).toBe(state);
    await until(() => going.told('run.finished').length === 1, { ms: 30_000 });
    expect(going.told('run.cancelled')).toEqual([]);
    expect(at.text()).toContain('"total_updates": 2000');
    await stop(at, going);
  });

  test.concurrent('what is refused there is exit 2 here, and nothing is written', async () => {
    const at = await place('[{ "list_id": "l1", "paused": true }]');
    const going = at.go();
    await until(() => going.told('entry.paused').length === 1);
    const before = at.text();
    expect(await at.run('set', 'l1', 'items_per_request=5000')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('"items_per_request" must be at most 1000'),
    });
    expect(await at.run('undo', '9', '--yes')).toMatchObject({ code: 2 });
    at.write('[{ oops');
    expect(await at.run('pause', 'l1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('state.json cannot be read just now'),
    });
    expect(at.text()).toBe('[{ oops');
    at.write(before);
    await stop(at, going);
  });

  test.concurrent('60 runs leave 50 versions', async () => {
    const at = await place('[{ "list_id": "l2", "items_per_request": 1000 }]');
    const going = at.go();
    for (let runs = 1; runs <= 60; runs += 1) {
      await until(() => going.told('run.finished').length >= runs, { what: `run ${runs}`, ms: 20_000 });
      // By hand, as an editor does it: a run and nothing else makes a version.
      if (runs < 60) at.write(`[{ "list_id": "l2", "items_per_request": 1000, "note": ${runs} }]`);
    }
    await stop(at, going);
    expect(at.versions()).toHaveLength(50);
    // Each is from before an edit by hand, so none is more worth than another.
    expect(at.versions()[0]).toMatch(/^000011-\d{8}T\d{6}Z-run-r\w+-edited\.json$/);
    expect(at.versions().at(-1)).toMatch(/^000060-/);
  }, 60_000);
});
