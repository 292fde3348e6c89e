import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { consume } from '../../src/cli/consume.ts';
import { SettingError } from '../../src/model/errors.ts';
import type { QueueStore } from '../../src/queue/contract.ts';
import { openQueueStore } from '../../src/queue/open.ts';
import { parseQueueUrl } from '../../src/queue/url.ts';
import { version } from '../consumer/world.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { installProgram, type Program, type Running } from '../support/program.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { commandLine } from './command-line.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  if (hasPostgres()) postgres = await startPostgres();
});
afterAll(() => postgres?.stop());

const signal = new AbortController().signal;
const channel = 'ORI_PERSON_CHANNEL';

describe('what it cannot begin with', () => {
  const redis = { QUEUE_URL: 'redis://127.0.0.1:1' };
  test.each([
    [[], redis, 'consume: no queue is named'],
    [['q'], redis, 'consume: no --to says where the jobs go'],
    [['q', '--to', 'mysql://x'], redis, '--to names nothing that Sluice can store in'],
    [
      ['q', '--to', 'ndjson:x', '--concurrency', '0'],
      redis,
      '--concurrency "0": expected a whole number from 1 to 100',
    ],
    [
      ['q', '--to', 'ndjson:x', '--concurrency', 'many'],
      redis,
      '--concurrency "many": expected a whole number',
    ],
    [['q', 'r', '--to', 'ndjson:x'], redis, 'unexpected "r"'],
    [
      ['q', '--to', 'ndjson:x'],
      {},
      'no QUEUE_URL is set, so the queue is the embedded one: it lives inside the controller',
    ],
    [['q', '--to', 'ndjson:x'], { QUEUE_URL: 'embedded:' }, 'the embedded queue lives inside the controller'],
  ])('%j with %j', async (args, env, message) => {
    const refusal = consume(commandLine(args, env));
    await expect(refusal).rejects.toBeInstanceOf(SettingError);
    await expect(refusal).rejects.toThrow(message);
  });

  test('an embedded queue names the setting by which the controller consumes it', async () => {
    const refusal = consume(commandLine(['q', '--to', 'ndjson:x'], { QUEUE_URL: 'embedded:' }));
    await expect(refusal).rejects.toMatchObject({
      hint: expect.stringContaining('the setting "consume" in state/settings.json'),
    });
  });
});

describe('on a Redis queue', () => {
  let redis: TestRedis;
  let store: QueueStore;
  beforeAll(async () => {
    if (!hasRedis()) return;
    redis = await startRedis();
    store = await openQueueStore(parseQueueUrl(redis.url), { folder: '' });
  });
  afterAll(async () => {
    await store?.close();
    await redis?.stop();
  });
  beforeEach((context) => {
    if (!hasRedis()) context.skip('no redis-server on PATH');
  });

  async function add(queue: string, ...chunks: readonly (readonly unknown[])[]): Promise<string[]> {
    const jobs = chunks.map((data, index) => ({ id: `${queue}-${index}`, name: channel, data }));
    await store.queue(queue).add(jobs, signal);
    return jobs.map(({ id }) => id);
  }

  async function countCompleted(queue: string): Promise<number> {
    return (await store.queue(queue).status(signal)).completed;
  }

  async function outcomes(queue: string, ids: readonly string[]) {
    return await store.queue(queue).outcomes(ids, signal);
  }

  function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const context = commandLine(args, { QUEUE_URL: redis.url, ...env });
    const ended = consume(context);
    onTestFinished(async () => {
      context.signal('SIGTERM');
      await ended.catch(() => undefined);
    });
    return { ...context, ended };
  }

  test('stores what is there and what comes, and ends with 0 on a signal', async () => {
    const path = join(temporaryFolder(), 'out.ndjson');
    const ids = await add(
      'stored',
      [version('p-1', 1), version('p-2', 2)],
      [version('p-3', 3)],
      [{ id: 'bad' }],
    );
    const consuming = start(['stored', '--to', `ndjson:${path}`]);
    await until(async () => (await outcomes('stored', ids)).every(({ state }) => state !== 'pending'));
    expect(await outcomes('stored', ids)).toMatchObject([
      { state: 'completed' },
      { state: 'completed' },
      { state: 'failed', reason: 'ORI_PERSON_CHANNEL "bad" has no usable metadata.modificationOrdinal' },
    ]);
    consuming.signal('SIGTERM');
    expect(await consuming.ended).toBe(0);
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(3);
    const [first, ...others] = consuming.printed().trimEnd().split('\n');
    expect(first).toMatch(
      /^\S+Z INFO \|consumer\| taking one job at a time off "stored" in redis:\/\/127\.0\.0\.1:\d+ into ndjson:.*; ctrl-C ends it$/,
    );
    expect(others.join('\n')).toMatch(
      /SIGTERM: finishing the jobs at work .*\n.*done: 2 chunks, 3 records stored, 1 failed$/,
    );
  });

  test('CONSUME_TO does as --to; a queue that is not there yet is said to be missing', async () => {
    await add('other-queue', [1]);
    const path = join(temporaryFolder(), 'out.ndjson');
    const consuming = start(['mistyped', '--json', '--concurrency', '3'], { CONSUME_TO: `ndjson:${path}` });
    await until(() => consuming.printed().includes('there is no queue'));
    consuming.signal('SIGINT');
    expect(await consuming.ended).toBe(0);
    const [begin, missing, ...others] = consuming.printed().trimEnd().split('\n');
    expect(JSON.parse(begin ?? '')).toMatchObject({
      type: 'consumer.started',
      queue: 'mistyped',
      concurrency: 3,
    });
    expect(JSON.parse(missing ?? '')).toMatchObject({
      type: 'notice',
      level: 'warn',
      message: expect.stringMatching(/there is no queue "mistyped" yet.*other-queue/),
    });
    expect(JSON.parse(others.at(-1) ?? '')).toMatchObject({ type: 'consumer.ended', chunks: 0 });
  });

  test('a module that is none is an error before a job is taken', async () => {
    const ids = await add('untouched', [1]);
    const consuming = start(['untouched', '--to', `module:${join(temporaryFolder(), 'none.mjs')}`]);
    await expect(consuming.ended).rejects.toBeInstanceOf(SettingError);
    expect(await outcomes('untouched', ids)).toEqual([{ state: 'pending' }]);
  });

  test('a second signal does not wait for a handler that hangs', async () => {
    const path = join(temporaryFolder(), 'hangs.mjs');
    writeFileSync(path, 'export const handle = () => new Promise(() => {})');
    const ids = await add('hanging', [1]);
    const consuming = start(['hanging', '--to', `module:${path}`]);
    await until(async () => (await store.queue('hanging').status(signal)).active === 1);
    consuming.signal('SIGINT');
    consuming.signal('SIGINT');
    expect(await consuming.ended).toBe(130);
    expect(await outcomes('hanging', ids)).toEqual([{ state: 'pending' }]);
  });

  describe('as a program, into Postgres', () => {
    let program: Program;
    beforeAll(() => {
      if (hasRedis() && hasPostgres()) program = installProgram();
    });
    afterAll(() => program?.close());
    beforeEach((context) => {
      if (!hasPostgres()) context.skip(noPostgres);
    });

    function run(queue: string, to: string, env: Readonly<Record<string, string>> = {}): Running {
      return program.start(['consume', queue, '--to', to], { env: { QUEUE_URL: redis.url, ...env } });
    }

    test('several processes, one killed and Postgres restarted: each chunk is there as a whole, and none failed', async () => {
      const to = `${await postgres.database('shared')}?schema=sis`;
      const chunks = Array.from({ length: 150 }, (_, chunk) =>
        Array.from({ length: 200 }, (__, index) => ({ ...version(`${chunk}-${index}`, index + 1), chunk })),
      );
      const ids = await add('shared', ...chunks);
      const first = run('shared', to);
      const second = run('shared', to);
      await until(async () => (await countCompleted('shared')) > 10);
      first.child.kill('SIGKILL');
      await postgres.kill();
      await until(() => second.stdout().includes('waiting for it'));
      await postgres.start();
      const third = run('shared', to);
      // But for the job of the killed one, which comes back when its lock has run out.
      await until(async () => (await countCompleted('shared')) >= ids.length - 1, { ms: 20_000, every: 50 });
      const { rows } = await postgres.sql(
        "SELECT count(*)::int AS count FROM sis.persons GROUP BY data->>'chunk'",
        'shared',
      );
      expect(rows.length).toBeGreaterThanOrEqual(ids.length - 1);
      expect(new Set(rows.map(({ count }) => count))).toEqual(new Set([200]));
      for (const { child, ended } of [second, third]) {
        child.kill('SIGTERM');
        const { stdout, ...rest } = await ended;
        expect(rest).toEqual({ code: 0, signal: null, stderr: '' });
        expect(stdout).toMatch(/done: \d+ chunks, [\d,]+ records stored, 0 failed\n$/);
        expect(stdout).not.toMatch(/only\/for@tests|only%2Ffor/);
      }
    });

    test('tables of somebody else are an error, exit 2, and the password is not shown', async () => {
      const to = await postgres.database('foreign');
      await postgres.sql('CREATE TABLE persons (id varchar(255) PRIMARY KEY)', 'foreign');
      const { code, stdout, stderr } = await run('shared', to).ended;
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /the table public\.persons is not Sluice's: .*\n {2}Sluice never changes a table .*\?schema=sluice/,
      );
      expect(stdout + stderr).not.toMatch(/only\/for@tests|only%2Ffor/);
    });

    test('a second signal ends it at once with 143, though a handler hangs', async () => {
      const path = join(temporaryFolder(), 'hangs.mjs');
      writeFileSync(path, 'export const handle = () => new Promise(() => setInterval(() => {}, 1000))');
      await add('stuck', [1]);
      const stuck = run('stuck', `module:${path}`);
      await until(async () => (await store.queue('stuck').status(signal)).active === 1);
      stuck.child.kill('SIGTERM');
      await until(() => stuck.stdout().includes('finishing the jobs at work'));
      // Signals within half a second are one request (cli/signals.ts).
      const again = setInterval(() => stuck.child.kill('SIGTERM'), 200);
      onTestFinished(() => clearInterval(again));
      expect((await stuck.ended).code).toBe(143);
    });
  });
});

test('it takes jobs off a queue in Postgres as well', async (context) => {
  if (!hasPostgres()) context.skip(noPostgres);
  const store = await openQueueStore(parseQueueUrl(postgres.url), { folder: '' });
  await store.queue('q').add([{ id: 'job-1', name: channel, data: [version('p-1', 1)] }], signal);
  const consuming = commandLine(['q', '--to', await postgres.database('here')], { QUEUE_URL: postgres.url });
  const ended = consume(consuming);
  await until(async () => (await store.queue('q').outcomes(['job-1'], signal))[0]?.state === 'completed');
  consuming.signal('SIGTERM');
  expect(await ended).toBe(0);
  expect((await postgres.sql('SELECT id FROM persons', 'here')).rows).toEqual([{ id: 'p-1' }]);
  await store.close();
});
