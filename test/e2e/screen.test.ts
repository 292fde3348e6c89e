import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type MailchimpSimulator, startMailchimp } from '../../src/simulator/mailchimp.ts';
import { until } from '../support/until.ts';
import { copyTemplate, dropTemplate, makeTemplate } from '../support/world.ts';

// The real program in a real terminal: tmux draws what a person would see.
const runSh = resolve(import.meta.dirname, '../../run.sh');
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
const socket = `sluice-test-${process.pid}`;

let folder: string;
let simulator: MailchimpSimulator;

beforeAll(makeTemplate);
afterAll(dropTemplate);
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-screen-'));
  copyTemplate(folder);
  simulator = await startMailchimp({ lists: { l1: 4000 }, latencyMs: 100 });
});
afterEach(async () => {
  spawnSync('tmux', ['-L', socket, 'kill-server']);
  await simulator.close();
  // The hang-up ends the program in its own time.
  rmSync(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
});

const tmux = (...args: readonly string[]): string =>
  execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' });
const press = (...keys: readonly string[]): string => tmux('send-keys', '-t', 's', ...keys);
const screen = (): string => tmux('capture-pane', '-p', '-t', 's');
const styled = (): string => tmux('capture-pane', '-p', '-e', '-t', 's');

async function see(what: string | RegExp): Promise<void> {
  const shows = typeof what === 'string' ? () => screen().includes(what) : () => what.test(screen());
  await until(shows, { ms: 20_000, every: 50, what: `${String(what)} on the screen` }).catch(
    (error: unknown) => {
      throw new Error(`the screen shows:\n${screen()}`, { cause: error });
    },
  );
}

/** Starts go in a terminal of 120 x 30. The pid of node comes from the holder file. */
function start(extra: Readonly<Record<string, string>> = {}): void {
  const variables = {
    QUEUE_URL: 'embedded:',
    MAILCHIMP_URL: simulator.url,
    MAILCHIMP_APIKEY: simulator.apiKey,
    ...extra,
  };
  const settings = Object.entries(variables).map(([name, value]) => `${name}='${value}'`);
  const command = `unset CI NO_COLOR; ${settings.join(' ')} '${runSh}' go --state '${folder}'; echo "exit $?"; cat`;
  tmux('new-session', '-d', '-s', 's', '-x', '120', '-y', '30', command);
}

const writeState = (...entries: readonly object[]): void =>
  writeFileSync(join(folder, 'state.json'), JSON.stringify(entries, null, 2));
const readState = (): string => readFileSync(join(folder, 'state.json'), 'utf8');

test('a person sees a list being synced, asks for a reset, pauses, resizes and quits', async (context) => {
  context.skip(!hasTmux, 'no tmux on PATH');
  writeState({ list_id: 'l1', worker_count: 4, items_per_request: 50 });
  start();
  await see(/list l1\s+▶ load/);
  expect(styled()).toContain('\u001B[');
  press('Enter');
  await see('readers   4 at once, pages of 50');
  press('+');
  await until(() => readState().includes('"worker_count": 5'));
  press('Escape');
  await see(/list l1\s+✓ ok/);
  press('R');
  await see('reads about 4,000 records again');
  press('n');
  press('p');
  await see(/list l1\s+‖ paused/);
  expect(readState()).toContain('"paused": true');
  press('?');
  await see('one step back; never quits');
  press('Escape');
  press('2');
  await see('lists');
  press('1');
  for (const size of ['80', '40', '200', '60', '120']) {
    tmux('resize-window', '-t', 's', '-x', size, '-y', String(Number(size) / 4 + 8));
    // A frame may be caught half drawn; what stays is what counts.
    await see(/^ sluice .*\n[\s\S]*paused/);
  }
  writeFileSync(join(folder, 'state.json'), '[ { oops');
  await see(/^ ! .*line 1, column \d+/m);
  writeState({ list_id: 'l1', paused: true });
  await until(() => !/^ ! .*line 1, column/m.test(screen()));
  press('q');
  await see(/sluice ran .+ 1 run, 4,000 records, 0 failed\.\s+log: .+\s+exit 0/);
  expect(tmux('display-message', '-p', '-t', 's', '#{alternate_on} #{cursor_flag}').trim()).toBe('0 1');
});

test('after SIGKILL the terminal is usable again', async (context) => {
  context.skip(!hasTmux, 'no tmux on PATH');
  writeState({ list_id: 'l1', worker_count: 1, items_per_request: 50 });
  start();
  await see(/list l1\s+▶ load/);
  const holder: unknown = JSON.parse(readFileSync(join(folder, 'holder.json'), 'utf8'));
  process.kill(Number(Object(holder).pid), 'SIGKILL');
  await see('exit 137');
  expect(tmux('display-message', '-p', '-t', 's', '#{alternate_on} #{cursor_flag}').trim()).toBe('0 1');
});

test.for([
  ['CI=true', { CI: 'true' }],
  ['a screen reader', { ACCESSIBLE: '1' }],
  ['a bare terminal', { TERM: 'dumb' }],
] as const)('%s gets lines instead of a screen', async ([, variables], context) => {
  context.skip(!hasTmux, 'no tmux on PATH');
  writeState({ list_id: 'l1', worker_count: 8, items_per_request: 1000 });
  start(variables);
  await see('INFO |sync| list "l1": completed, 4,000 read');
  expect(tmux('display-message', '-p', '-t', 's', '#{alternate_on}').trim()).toBe('0');
  press('C-c');
  await see('exit 0');
});

test('NO_COLOR draws without colours', async (context) => {
  context.skip(!hasTmux, 'no tmux on PATH');
  writeState({ list_id: 'l1', worker_count: 1, items_per_request: 50 });
  start({ NO_COLOR: '1' });
  await see(/list l1\s+▶ load/);
  // Bold, dim and reverse are no colours.
  const colour = new RegExp(
    `${String.fromCodePoint(27)}\\[[0-9;]*\\b(3[0-7]|4[0-7]|9[0-7]|38|48)\\b[0-9;]*m`,
  );
  expect(styled()).not.toMatch(colour);
});
