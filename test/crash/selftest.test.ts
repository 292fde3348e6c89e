import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Itself, selftest } from '../../src/cli/selftest.ts';
import { type CommandLine, commandLine } from '../cli/command-line.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { installProgram } from '../support/program.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { openWorld } from '../support/world.ts';
import { victimWith } from './trial.ts';

let redis: TestRedis | undefined;
beforeAll(async () => {
  if (hasRedis()) redis = await startRedis();
});
afterAll(async () => await redis?.stop());

const summarySchema = z.object({
  ok: z.boolean(),
  kills: z.number(),
  lost: z.number(),
  replayed: z.number(),
  faults: z.array(z.string()),
  disk: z.object({ folder: z.string() }),
  queue: z.string(),
});

/** A self-test whose processes under test are this checkout's, with a broken part if one is named. */
function begin(queue: string, args: readonly string[], twin?: string, folder = emptyFolder()) {
  const { command, env } = victimWith(twin);
  const context = commandLine(['--state', folder, ...args], { ...env, QUEUE_URL: queue });
  const itself: Itself = { command, die: () => {} };
  return { folder, context, code: selftest(context, itself) };
}

function emptyFolder(): string {
  const folder = join(temporaryFolder(), 'state');
  mkdirSync(folder);
  return folder;
}

function summaryOf(context: CommandLine) {
  const lines = context.printed().trim().split('\n');
  return summarySchema.parse(JSON.parse(lines.at(-1) ?? ''));
}

test('it kills the program on the embedded queue, says what it found, and leaves nothing behind', async () => {
  const program = installProgram();
  try {
    const folder = emptyFolder();
    const env = { QUEUE_URL: 'embedded:' };
    const { code, stdout, stderr } = await program.run(['selftest', '--kills', '2', '--state', folder], {
      env,
    });
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/^disk {3}\S+/m);
    expect(stdout).toContain('queue  embedded:');
    expect(stdout).toMatch(/^2 kills, 0 records lost, \d+ replayed/m);
    expect(stderr).toBe('');
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    program.close();
  }
});

test('where a part is broken it says so and what to do, and ends with 1', async () => {
  const broken = 'the queue says yes to a page in three and does not keep it';
  const self = begin(redis?.url ?? 'embedded:', ['--kills', '1'], broken);
  expect(await self.code, self.context.printed()).toBe(1);
  expect(self.context.printed()).toMatch(/^1 kill, [1-9]\d* records lost/m);
  expect(self.context.printed()).toContain('Do not trust this disk and this queue');
  expect(readdirSync(self.folder)).toEqual([]);
});

test('a controller on the same folder and the same queue goes on as if nothing happened', async (context) => {
  context.skip(!hasRedis(), 'no redis-server on PATH');
  const queue = redis?.url ?? '';
  const world = await openWorld({ queue, mailchimp: { lists: { mine: 200 } } });
  world.writeState([{ list_id: 'mine' }]);
  const going = world.go();
  try {
    await until(() => world.events.some(({ type }) => type === 'run.finished'), { what: 'the first run' });
    const keys = await keysOf(queue);
    const self = begin(queue, ['--kills', '3', '--json'], undefined, world.folder);
    expect(await self.code, self.context.printed()).toBe(0);
    expect(summaryOf(self.context)).toMatchObject({ ok: true, kills: 3, lost: 0, faults: [], queue });
    expect(readdirSync(world.folder).filter((name) => name.startsWith('selftest'))).toEqual([]);
    expect(await keysOf(queue)).toEqual(keys);
    expect(world.events.filter(({ type }) => type === 'run.failed' || type === 'state.rejected')).toEqual([]);
  } finally {
    world.signal('SIGTERM');
    await going;
    await world.close();
  }
});

test.each(['0', '1000', '2.5', 'x', ''])('--kills %j is a mistake, and nothing is killed', async (kills) => {
  const self = begin('embedded:', ['--kills', kills]);
  await expect(self.code).rejects.toThrow(/^--kills .* cannot be used$/);
  expect(readdirSync(self.folder)).toEqual([]);
});

test('ctrl-C ends it at once and leaves nothing behind', async (context) => {
  context.skip(!hasRedis(), 'no redis-server on PATH');
  const queue = redis?.url ?? '';
  const before = await keysOf(queue);
  const self = begin(queue, []);
  // By then it has published.
  await until(() => /^12 of/m.test(self.context.printed()), { ms: 40_000, what: 'the twelfth kill' });
  const asked = performance.now();
  self.context.signal('SIGINT');
  expect(await self.code).toBe(130);
  expect(performance.now() - asked).toBeLessThan(5000);
  expect(self.context.printed()).toContain('stopped');
  expect(readdirSync(self.folder)).toEqual([]);
  expect(await keysOf(queue)).toEqual(before);
});

async function keysOf(url: string): Promise<string[]> {
  const client = new Redis(url);
  try {
    return (await client.keys('*')).toSorted();
  } finally {
    client.disconnect();
  }
}
