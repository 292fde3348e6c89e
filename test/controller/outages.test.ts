import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobQueue, QueueStore } from '../../src/queue/contract.ts';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { openOutageWorld, type OutageWorld } from '../support/outage-world.ts';
import { freePort, hasRedis, startRedis, type TestRedis, type TestRedisOptions } from '../support/redis.ts';
import { until } from '../support/until.ts';
import type { WorldOptions } from '../support/world.ts';

/** How long a queue stays away in the tests that leave it away. */
const awaySeconds = Number(process.env['SLUICE_TEST_OUTAGE_SECONDS'] ?? 2);
const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];

let redis: TestRedis;
let world: OutageWorld;
let proxy: CuttingProxy | undefined;

beforeEach((context) => context.skip(!hasRedis(), 'no redis-server on PATH'));
afterEach(async () => {
  await world.close();
  await redis.stop();
  await proxy?.close();
  proxy = undefined;
});

async function open(server: TestRedisOptions = {}, options: Partial<WorldOptions> = {}): Promise<void> {
  redis = await startRedis(server);
  world = await openOutageWorld({ queue: redis.url, ...options });
}

/** Gives the server a command. @returns the first line of its answer */
async function tell(command: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(redis.port, redis.host, () => socket.write(`${command}\r\n`));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer.toString().split('\r\n')[0] ?? '');
    });
    socket.once('error', reject);
  });
}

const away = async (): Promise<void> => {
  const since = performance.now();
  await until(() => performance.now() - since > awaySeconds * 1000, { ms: awaySeconds * 1000 + 1000 });
};

describe('a Redis that goes away in the middle of a run', () => {
  test('and comes back with its data: the run waits, says so once, and every member arrives once', async () => {
    await open({ args: durable });
    await world.whileRunning(async () => {
      await world.untilEvent('page.confirmed', 6);
      await redis.kill();
      await world.untilEvent('queue.down');
      await away();
      await redis.start();
      await world.untilEvent('run.finished');
    });
    await world.expectComplete();
    world.expectToldOnce();
    expect(world.find('queue.up')[0]?.downMs).toBeGreaterThanOrEqual(awaySeconds * 1000);
  });

  test('and comes back empty: the run notices, reads its window again and counts what is in the queue', async () => {
    await open();
    await world.whileRunning(async () => {
      await world.untilEvent('page.confirmed', 6);
      await redis.kill();
      await world.untilEvent('queue.down');
      await redis.start();
      await world.untilEvent('run.finished');
    });
    await world.expectComplete();
    world.expectToldOnce();
    expect(world.find('notice').map(({ message }) => message)).toContainEqual(
      expect.stringContaining('has lost its data: list "l1" reads its window from the beginning again'),
    );
  });

  test('and does not answer at all for longer than an operation may take', async () => {
    await open();
    await world.whileRunning(async () => {
      await world.untilEvent('page.confirmed', 6);
      redis.pause();
      await world.untilEvent('queue.down');
      redis.resume();
      await world.untilEvent('run.finished');
    });
    await world.expectComplete();
    expect(world.expectToldOnce().reason).toContain('did not answer within 5 s');
  });

  test('after a run was complete: what may be lost is said, with what to do', async () => {
    await open();
    expect(await world.go({ once: true })).toBe(0);
    await redis.kill();
    await redis.start();
    world.writeState([{ ...world.readState()[0], refresh_seconds: 0 }]);
    expect(await world.go({ once: true })).toBe(0);
    expect(world.find('notice').map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/does not know what list "l1" published at 20.+set the cursor back/),
    );
  });
});

describe('a Redis that takes nothing', () => {
  test('for its memory is full: reading stops, writing waits, both are told once, and all goes on with room', async () => {
    await open();
    await world.whileRunning(async () => {
      await world.untilEvent('page.confirmed', 6);
      await tell('CONFIG SET maxmemory 1mb');
      await world.untilEvent('queue.full');
      await world.untilEvent('queue.down');
      await away();
      await tell('CONFIG SET maxmemory 0');
      await world.untilEvent('run.finished');
    });
    await world.expectComplete();
    expect(world.expectToldOnce().reason).toContain('the memory limit is reached');
    expect(world.find('queue.full').map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/memory is \d+ % full/),
    ]);
    expect(world.find('queue.flowing')).toMatchObject([{ hasRoom: true }]);
  });

  test('for it is a replica now: the run waits until it may write again', async () => {
    await open();
    await world.whileRunning(async () => {
      await world.untilEvent('page.confirmed', 6);
      await tell('REPLICAOF 127.0.0.1 1');
      await world.untilEvent('queue.down');
      await away();
      await tell('REPLICAOF NO ONE');
      await world.untilEvent('run.finished');
    });
    await world.expectComplete();
    expect(world.expectToldOnce().reason).toMatch(/read.only/i);
  });

  test('for it has another password after a restart: the entry fails with what to do, and goes on when it is right', async () => {
    redis = await startRedis({ args: [...durable, '--requirepass', 'right'] });
    world = await openOutageWorld({ queue: redis.url.replace('://', '://:right@') });
    await world.whileRunning(async () => {
      await world.untilEvent('page.confirmed', 6);
      await redis.kill();
      await redis.start([...durable, '--requirepass', 'other']);
      await world.untilEvent('run.failed');
      expect(world.find('run.failed')[0]?.error).toMatchObject({
        code: 'queue.unauthorized',
        recovery: 'config',
        hint: expect.stringContaining('QUEUE_URL'),
      });
      await redis.kill();
      await redis.start([...durable, '--requirepass', 'right']);
      await world.operator().command({ type: 'run', id: 'l1' });
      await world.untilEvent('run.finished');
    });
    await world.expectComplete();
    expect(JSON.stringify(world.events)).not.toContain('right');
  });
});

describe('a connection that is cut in the middle of a bulk of chunks', () => {
  // Pages of more than a megabyte, so that each goes as several jobs in one call.
  const large = { list_id: 'l1', items_per_request: 1000, worker_count: 2 };

  async function openThroughProxy(): Promise<CuttingProxy> {
    redis = await startRedis();
    proxy = await startCuttingProxy(redis.host, redis.port);
    world = await openOutageWorld({
      queue: `redis://127.0.0.1:${proxy.port}`,
      mailchimp: { lists: { l1: 6000 }, latencyMs: 40 },
    });
    world.writeState([large]);
    return proxy;
  }

  test.each([1, 1000, 100_000, 1_000_000, 1_400_000])('after %i bytes of the request', async (bytes) => {
    const way = await openThroughProxy();
    await world.whileRunning(async () => {
      await world.untilEvent('page.asked');
      way.cutRequest(bytes);
      await world.untilEvent('run.finished');
    });
    expect(way.cuts).toBe(1);
    await world.expectComplete(6000);
  });

  test('before the answer: what is in the queue is counted once', async () => {
    const way = await openThroughProxy();
    await world.whileRunning(async () => {
      await world.untilEvent('run.started');
      for (let page = 1; page <= 3; page += 1) {
        way.loseAnswer(200_000);
        await until(() => way.cuts === page, { what: `cut ${page}` });
      }
      await world.untilEvent('run.finished');
    });
    await world.expectComplete(6000);
  });
});

describe('a Redis that is not there', () => {
  async function openWithout(env: Readonly<Record<string, string>> = {}): Promise<number> {
    const port = await freePort();
    redis = await startRedis({ port });
    await redis.kill();
    world = await openOutageWorld({ queue: redis.url, env });
    return port;
  }

  test('at the start is waited for, told once, and the run begins as soon as it is up', async () => {
    await openWithout();
    await world.whileRunning(async () => {
      await world.untilEvent('queue.down');
      await away();
      await redis.start();
      await world.untilEvent('run.finished');
    });
    await world.expectComplete();
    expect(world.expectToldOnce().reason).toContain('ECONNREFUSED');
  });

  test('is waited for by go --once for its time, and then it says what to do and exits with 1', async () => {
    await openWithout({ SLUICE_CONFIRM_WAIT_SECONDS: '1' });
    const before = performance.now();
    expect(await world.go({ once: true })).toBe(1);
    expect(performance.now() - before).toBeLessThan(15_000);
    expect(world.find('run.failed')[0]?.error).toMatchObject({
      code: 'queue.down',
      message: expect.stringMatching(
        /^redis:\/\/127\.0\.0\.1:\d+.* did not answer .*ECONNREFUSED.*; waited 1 s$/,
      ),
      hint: 'Check that the queue is up and reachable; the run goes on where it stopped',
    });
    expect(world.readState()[0]).not.toHaveProperty('latest_timestamp');
  });

  test('does not hold a quit up: it ends within the drain, and the next start goes on where it was', async () => {
    await open({ args: durable }, { env: { SLUICE_DRAIN_SECONDS: '1' } });
    const running = world.go();
    await world.untilEvent('page.confirmed', 6);
    await redis.kill();
    await world.untilEvent('queue.down');
    const asked = performance.now();
    world.signal('SIGTERM');
    expect(await running).toBe(0);
    expect(performance.now() - asked).toBeLessThan(6000);
    await redis.start();
    expect(await world.go({ once: true })).toBe(0);
    await expectAllThere();
  });

  test('while several lists run is told once', async () => {
    await open({ args: durable }, { mailchimp: { lists: { l1: 1500, l2: 1500, l3: 1500 }, latencyMs: 40 } });
    world.writeState(
      ['l1', 'l2', 'l3'].map((list_id) => ({ list_id, items_per_request: 50, worker_count: 3 })),
    );
    await world.whileRunning(async () => {
      await world.untilEvent('page.confirmed', 20);
      await redis.kill();
      await world.untilEvent('queue.down');
      await away();
      await redis.start();
      await world.untilEvent('run.finished', 3);
    });
    world.expectToldOnce();
    const ids = (await world.jobs()).flatMap((job) => job.members.map(({ id }) => id));
    expect(ids).toHaveLength(4500);
  });
});

/** Every member is in the queue; pages under way at a quit may be there twice, and are counted so. */
async function expectAllThere(): Promise<void> {
  const ids = (await world.jobs()).flatMap((job) => job.members.map(({ id }) => id));
  expect(new Set(ids).size).toBe(1500);
  expect(world.readState()[0]).toMatchObject({ total_updates: ids.length });
}

describe('a part that is broken is found out', () => {
  test('a queue that says yes while it is down (twin)', async () => {
    await open({ args: durable }, { wrapping: { queue: (store) => withQueue(store, yesSaying) } });
    await world.whileRunning(async () => {
      await world.untilEvent('page.confirmed', 6);
      await redis.kill();
      await world.untilEvent('page.confirmed', 9);
      await redis.start();
      await world.untilEvent('run.finished');
    });
    await expect(world.expectComplete()).rejects.toThrow();
  });

  test('a marker that outlives the data (twin)', async () => {
    await open(
      {},
      { wrapping: { queue: (store) => ({ ...store, hasMarker: async () => await Promise.resolve(true) }) } },
    );
    await world.whileRunning(async () => {
      await world.untilEvent('page.confirmed', 6);
      await redis.kill();
      await world.untilEvent('queue.down');
      await redis.start();
      await world.untilEvent('run.finished');
    });
    await expect(world.expectComplete()).rejects.toThrow();
  });
});

function withQueue(store: QueueStore, change: (queue: JobQueue) => JobQueue): QueueStore {
  return { ...store, queue: (name) => change(store.queue(name)) };
}

const yesSaying = (queue: JobQueue): JobQueue => ({
  ...queue,
  add: async (jobs, signal) => await queue.add(jobs, signal).catch(() => undefined),
});
