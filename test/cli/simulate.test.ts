import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { simulate } from '../../src/cli/simulate.ts';
import { SettingError } from '../../src/model/errors.ts';
import { until } from '../support/until.ts';
import { commandLine, type CommandLine } from './command-line.ts';

interface Simulated extends CommandLine {
  readonly ended: Promise<number>;
  /** GET on the list, with the key that was printed. */
  readonly ask: (path: string) => Promise<Response>;
}

async function start(...args: readonly string[]): Promise<Simulated> {
  const context = commandLine(['mailchimp', ...args]);
  const ended = simulate(context);
  onTestFinished(async () => {
    context.signal('SIGTERM');
    await ended;
  });
  await until(() => context.printed().includes('state.json') || context.printed().includes('"url"'));
  const url = /http:[^\s"]+/.exec(context.printed())?.[0] ?? '';
  const key = /APIKEY=(\S+)|"apiKey":"([^"]+)"/.exec(context.printed());
  const authorization = `Basic ${Buffer.from(`x:${key?.[1] ?? key?.[2]}`).toString('base64')}`;
  return { ...context, ended, ask: (path) => fetch(`${url}${path}`, { headers: { authorization } }) };
}

const page = z.object({ total_items: z.number(), members: z.array(z.object({ id: z.string() })) });

async function total(simulated: Simulated, list = 'demo'): Promise<number> {
  const answer = await simulated.ask(`/lists/${list}/members?count=1`);
  return page.parse(await answer.json()).total_items;
}

async function ids(simulated: Simulated): Promise<string[]> {
  const answer = await simulated.ask('/lists/a/members?count=30&sort_field=last_changed&sort_dir=ASC');
  return page.parse(await answer.json()).members.map(({ id }) => id);
}

test('says how to sync it, answers, notes each request, and ends with 0 on a signal', async () => {
  const simulated = await start();
  expect(await total(simulated)).toBe(1000);
  expect(simulated.printed()).toMatch(
    /^a simulated Mailchimp serves list "demo"\. To sync it, in another terminal:\n {2}MAILCHIMP_URL=http:\/\/127\.0\.0\.1:\d+\/3\.0 MAILCHIMP_APIKEY=\S+ \.\/run\.sh go\n {2}with \{ "list_id": "demo" \} in state\/state\.json\. ctrl-C ends it\.\nGET \/3\.0\/lists\/demo\/members\?count=1 200 1 members\n$/,
  );
  simulated.signal('SIGTERM');
  expect(await simulated.ended).toBe(0);
  await expect(simulated.ask('/lists/demo')).rejects.toThrow();
});

test('--json prints where it is and each request as JSON, one a line', async () => {
  const simulated = await start('--json', '--list', 'mine', '--members', '5');
  await total(simulated, 'mine');
  const lines: unknown[] = simulated
    .printed()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { url: expect.stringContaining('http://127.0.0.1:'), apiKey: expect.any(String), list: 'mine' },
    { method: 'GET', status: 200, members: 1 },
  ]);
});

test('--members, --list and --seed choose what it holds', async () => {
  const first = await start('--members', '30', '--list', 'a', '--seed', '7');
  const same = await start('--members', '30', '--list', 'a', '--seed', '7');
  const other = await start('--members', '30', '--list', 'a', '--seed', '8');
  expect(await ids(first)).toHaveLength(30);
  expect(await ids(same)).toEqual(await ids(first));
  expect(await ids(other)).not.toEqual(await ids(first));
});

test('--latency-ms makes every answer wait', async () => {
  const simulated = await start('--latency-ms', '150');
  const started = performance.now();
  await total(simulated);
  expect(performance.now() - started).toBeGreaterThan(140);
});

test('--changes-per-second and --departures-per-second move the list', async () => {
  const simulated = await start(
    '--members',
    '500',
    '--changes-per-second',
    '200',
    '--departures-per-second',
    '100',
  );
  await until(async () => (await total(simulated)) < 495);
  const since = encodeURIComponent(new Date(Date.now() - 5000).toISOString());
  const answer = await simulated.ask(`/lists/demo/members?count=1&since_last_changed=${since}`);
  expect(page.parse(await answer.json()).total_items).toBeGreaterThan(0);
});

test('--fault, as often as wanted, breaks answers and says so', async () => {
  const simulated = await start('--fault', '500:1:times=1', '--fault', '429:1:times=1');
  const statuses = [];
  for (let round = 0; round < 3; round += 1) statuses.push((await simulated.ask('/lists/demo')).status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 429, 500]);
  expect(simulated.printed()).toMatch(/ 500 0 members \(500:1:times=1\)\n/);
});

describe('what it cannot do is exit 2 with what was expected', () => {
  test.each([
    [[], 'simulate: no such system'],
    [['ometria'], 'simulate ometria: no such system'],
    [['mailchimp', '--members', 'many'], '--members "many": expected a number, 0 or more'],
    [['mailchimp', '--members', ''], '--members "": expected a number, 0 or more'],
    [['mailchimp', '--members=-3'], '--members "-3": expected a number, 0 or more'],
    [['mailchimp', '--members', '1.5'], '--members 1.5: expected a whole number'],
    [['mailchimp', '--latency-ms', 'Infinity'], '--latency-ms "Infinity": expected a number, 0 or more'],
    [['mailchimp', '--port', '99999'], 'port cannot be 99999'],
    [['mailchimp', '--fault', 'zz'], /^fault "zz" cannot be used/],
    [['mailchimp', '--bogus'], "Unknown option '--bogus'"],
  ])('%j', async (args, message) => {
    const refusal = simulate(commandLine(args));
    await expect(refusal).rejects.toBeInstanceOf(SettingError);
    await expect(refusal).rejects.toThrow(message);
  });

  test('a port that is taken', async () => {
    const first = await start();
    const port = /127\.0\.0\.1:(\d+)/.exec(first.printed())?.[1] ?? '';
    await expect(simulate(commandLine(['mailchimp', '--port', port]))).rejects.toBeInstanceOf(SettingError);
  });
});
