import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { queues } from '../../src/cli/queues.ts';
import { serveControl } from '../../src/control/server.ts';
import { socketPath } from '../../src/control/socket-path.ts';
import { LockedError, SettingError } from '../../src/model/errors.ts';
import { openQueueStore } from '../../src/queue/open.ts';
import { chooseQueue } from '../../src/queue/url.ts';
import { openStore } from '../../src/store/store.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { unprintable } from '../view/hostile.ts';
import { commandLine, type CommandLine } from './command-line.ts';

const signal = AbortSignal.timeout(60_000);

describe('on Redis', () => {
  let redis: TestRedis | undefined;
  const secret = 'planted-key-us1';
  const outside = { name: 'Ann\u001B]0;you\u0007\u202E', note: `the key is ${secret}`, at: 5 };

  beforeEach((context) => {
    if (!hasRedis()) context.skip('no redis-server on PATH');
  });
  beforeAll(async () => {
    if (!hasRedis()) return;
    redis = await startRedis();
    const store = await openQueueStore(chooseQueue({ QUEUE_URL: redis.url }), { folder: '' });
    const jobs = Array.from({ length: 7 }, (_, index) => ({
      id: `r1-${index}-0-a`,
      name: 'list\u009B1',
      data: [outside],
    }));
    await store.queue('lists').add(jobs, signal);
    await store
      .queue('long')
      .add([{ id: 'x', name: 'x', data: 'y'.repeat(480) + secret + 'z'.repeat(5000) }], signal);
    await store.close();
  });
  afterAll(async () => await redis?.stop());

  const on = (...args: readonly string[]): CommandLine =>
    commandLine(['--state', temporaryFolder(), ...args], { QUEUE_URL: redis?.url, MAILCHIMP_APIKEY: secret });

  test('queues lists each queue with what waits in it', async () => {
    const context = on();
    expect(await queues(context)).toBe(0);
    expect(context.printed()).toBe(
      [
        'QUEUE  WAITING  ACTIVE  DELAYED  FAILED  COMPLETED  WORKERS',
        'lists  7        0       0        0       0          0',
        'long   1        0       0        0       0          0',
        '',
      ].join('\n'),
    );
  });

  test('--json gives one array of the documented objects', async () => {
    const context = on('--json');
    await queues(context);
    expect(JSON.parse(context.printed())[0]).toEqual({
      name: 'lists',
      waiting: 7,
      active: 0,
      delayed: 0,
      failed: 0,
      completed: 0,
      workers: 0,
    });
  });

  test('peek shows the five oldest jobs; outside data moves no cursor and shows no key', async () => {
    const context = on('peek', 'lists');
    expect(await queues(context)).toBe(0);
    const lines = context.printed().trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe(
      'r1-0-0-a  list\\x9b1  1 records, [{"name":"Ann\\u001b]0;you\\u0007\\u202e","note":"the key is ***","at":5}]',
    );
    for (const line of lines) expect(line).not.toMatch(unprintable);
  });

  test('peek --json gives the same jobs, whole', async () => {
    const context = on('--json', 'peek', 'lists');
    await queues(context);
    expect(context.printed().trimEnd()).not.toMatch(unprintable);
    const jobs: unknown = JSON.parse(context.printed());
    expect(jobs).toHaveLength(5);
    expect(jobs).toMatchObject([
      { id: 'r1-0-0-a', data: [{ ...outside, note: 'the key is ***' }] },
      {},
      {},
      {},
      {},
    ]);
  });

  test('a long job is cut, and not through the middle of a key', async () => {
    const context = on('peek', 'long');
    await queues(context);
    expect(context.printed()).toMatch(/\.\.\.\n$/);
    expect(context.printed().length).toBeLessThan(600);
    expect(context.printed()).not.toContain('planted');
  });

  test('a queue that is not there is an error, and is not made by looking', async () => {
    await expect(queues(on('peek', 'lsits'))).rejects.toThrow('there is no queue "lsits"');
    const context = on();
    await queues(context);
    expect(context.printed()).not.toContain('lsits');
  });
});

describe('on the embedded queue', () => {
  test('one that was never made is empty, and is not made by looking', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'state.json'), '[]');
    const context = commandLine(['--state', folder, '--json']);
    expect(await queues(context)).toBe(0);
    expect(JSON.parse(context.printed())).toEqual([]);
    expect(existsSync(join(folder, 'queue'))).toBe(false);
    await expect(queues(commandLine(['--state', folder, 'peek', 'lists']))).rejects.toThrow(
      'there is no queue',
    );
  });

  test('a mistyped folder is not an empty one', async () => {
    await expect(queues(commandLine(['--state', '/no/such/folder']))).rejects.toMatchObject({
      message: 'there is no state.json in /no/such/folder',
      hint: './run.sh go makes one; --state names another folder',
    });
  });

  test('is asked of the controller that has it open', async () => {
    const folder = temporaryFolder();
    const status = { name: 'lists', waiting: 1, active: 0, delayed: 0, failed: 0, completed: 2, workers: 3 };
    const context = commandLine(['--state', folder, '--json']);
    const server = await serveControl(socketPath(folder, context.temporary, context.user), {
      '/queues': () => [status],
      '/queues/peek': (query) => (query.get('name') === 'lists' ? [{ id: '1', name: 'a', data: [] }] : null),
    });
    onTestFinished(() => server.close());
    await queues(context);
    expect(JSON.parse(context.printed())).toEqual([status]);
    const peek = { ...context, args: ['--state', folder, 'peek', 'lists'] };
    expect(await queues(peek)).toBe(0);
    await expect(queues({ ...context, args: ['--state', folder, 'peek', 'x'] })).rejects.toThrow(
      SettingError,
    );
  });

  test('of a folder that somebody else holds is told by whom', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'state.json'), '[]');
    writeFileSync(join(folder, 'queue'), '');
    const holder = openStore({ folder, command: 'undo', pid: 7, now: Date.now() });
    onTestFinished(() => holder.close());
    await expect(queues(commandLine(['--state', folder]))).rejects.toSatisfy(
      (error) => error instanceof LockedError && error.message.includes('by sluice undo, process 7'),
    );
  });
});

test.each([[['peek']], [['poke', 'x']], [['peek', 'a', 'b']]])('queues %j is refused', async (args) => {
  await expect(queues(commandLine(args))).rejects.toBeInstanceOf(SettingError);
});
