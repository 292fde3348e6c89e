import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MailchimpSimulator, startMailchimp } from '../../src/simulator/mailchimp.ts';
import { installProgram, type Program } from '../support/program.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';

// Invariant 8, with the real program: a key and a password are planted, everything is made to fail, and whatever was
// printed or written is searched for them.

const key = 'f00dfeedf00dfeedf00dfeedf00dfeed-us1';
const password = 'Hunter2 & söns';

/** The forms in which they could come out. */
const traces = [
  'f00dfeed',
  Buffer.from(`sluice:${key}`).toString('base64'),
  Buffer.from(`x${key}`).toString('base64').slice(2, -2),
  password,
  'Hunter2',
  'söns',
  encodeURIComponent('söns'),
];

/** A Redis that refuses the password; where there is none, one that is down. */
let redis: TestRedis | undefined;
const env = (): Record<string, string> => ({
  REDIS_URL: `redis://:${encodeURIComponent(password)}@127.0.0.1:${redis?.port ?? 1}`,
  MAILCHIMP_APIKEY: key,
  SLUICE_CONFIRM_WAIT_SECONDS: '1',
});

let program: Program;
let refusing: MailchimpSimulator;
let right: MailchimpSimulator;
let root: string;
beforeAll(async () => {
  program = installProgram();
  // The key also reaches the program by .env, under a name that only accounts use.
  program.writeEnv(`MAILCHIMP_APIKEY_ENVFILE=e${key}\n`);
  root = mkdtempSync(join(tmpdir(), 'sluice-secrets-'));
  if (hasRedis()) redis = await startRedis({ args: ['--requirepass', 'another'] });
  refusing = await startMailchimp({ apiKey: 'another-us1' });
  right = await startMailchimp({ apiKey: key, lists: { demo: 50 } });
});
afterAll(async () => {
  program.close();
  rmSync(root, { recursive: true, force: true });
  await refusing.close();
  await right.close();
  await redis?.stop();
});

function stateFolder(name: string): string {
  const folder = mkdtempSync(join(root, `${name}-`));
  const entries = [
    { list_id: 'demo' },
    { list_id: 'demo', account: 'envfile' },
    { list_id: 'a', account: 'none' },
  ];
  writeFileSync(join(folder, 'state.json'), JSON.stringify(entries));
  return folder;
}

/** Everything in a folder, as bytes. */
function contents(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'utf8') + readFileSync(path, 'latin1'))
    .join('\n');
}

function expectClean(text: string): void {
  for (const trace of traces) expect(text).not.toContain(trace);
}

test.concurrent.each([
  ['refusing', '--plain'],
  ['refusing', '--json'],
  ['right', '--plain'],
  ['right', '--json'],
] as const)('go against a Mailchimp that is %s, %s, with a queue that fails', async (which, view) => {
  const folder = stateFolder('go');
  const { url } = which === 'refusing' ? refusing : right;
  const ended = await program.run(['go', '--once', view, '--state', folder], {
    env: { ...env(), MAILCHIMP_URL: url },
  });
  expect(ended.code).toBe(1);
  const printed = ended.stdout + ended.stderr;
  expect(printed).toMatch(which === 'refusing' ? /does not accept the key/ : /password is refused|is down/);
  expectClean(printed);
  expectClean(contents(folder));
  const status = await program.run(['status', '--state', folder], { env: env() });
  expect(status.code).toBe(0);
  expectClean(status.stdout);
});

test.concurrent('check, with everything wrong', async () => {
  const args = ['check', '--state', stateFolder('check')];
  const ended = await program.run(args, { env: { ...env(), MAILCHIMP_URL: refusing.url } });
  expect(ended.code).toBe(2);
  expect(ended.stdout).toMatch(/^FAIL {2}queue: redis:\/\/127\.0\.0\.1:\d+/m);
  expectClean(ended.stdout + ended.stderr);
});

test.concurrent.each([
  ['REDIS_URL', `redis://u:${password}@127.0.0.1:99999`],
  ['QUEUE_URL', `amqp://u:${password}@127.0.0.1`],
  ['QUEUE_URL', `redis://u:${encodeURIComponent(password)}@127.0.0.1/nodb`],
  ['MAILCHIMP_URL', `ftp://u:${encodeURIComponent(password)}@127.0.0.1/3.0`],
])('a %s that cannot be used', async (name, value) => {
  const args = ['go', '--once', '--plain', '--state', stateFolder('url')];
  const ended = await program.run(args, { env: { ...env(), [name]: value } });
  expect(ended.code).toBeGreaterThan(0);
  expectClean(ended.stdout + ended.stderr);
});

test.concurrent('a key in the wrong place of the command line', async () => {
  for (const args of [[`do-${key}`], ['check', `--${key}`], ['go', '--plain', `e${key}`], ['queues', key]]) {
    const ended = await program.run(args, { env: env() });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('***');
    expectClean(ended.stdout + ended.stderr);
  }
});

test.concurrent('twin: where nobody says that it is a key, it comes out', async () => {
  const ended = await program.run([`do-${key.replace('f00d', 'd00f')}`], { env: env() });
  expect(ended.stderr).toContain('d00ffeed');
});
