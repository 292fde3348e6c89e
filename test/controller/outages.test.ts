import { connect } from 'node:net';
import { describe, expect, test, type TestContext, vi } from 'vitest';
import type { JobQueue, QueueStore } from '../../src/queue/contract.ts';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { openOutageWorld, type OutageWorld } from '../support/outage-world.ts';
import { hasRedis, startRedis, type TestRedis, type TestRedisOptions } from '../support/redis.ts';
import { until } from '../support/until.ts';
import type { WorldOptions } from '../support/world.ts';

/** How long a queue stays away in the tests that leave it away. */
const awaySeconds = Number(process.env['SLUICE_TEST_OUTAGE_SECONDS'] ?? 2);
vi.setConfig({ testTimeout: 60_000 + awaySeconds * 1000 });
const password = 'open-sesame-17';
const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];

interface Outage {
  readonly redis: TestRedis;
  readonly world: OutageWorld;
}

/** A server and a world of a test's own: the tests wait most of the time, and do so at the same time. */
async function open(
  { onTestFinished, skip }: TestContext,
  server: TestRedisOptions = {},
  options: Partial<WorldOptions> = {},
): Promise<Outage> {
  skip(!hasRedis(), 'no redis-server on PATH');
  const redis = await startRedis(server);
  onTestFinished(async () => await redis.stop());
  const world = await openOutageWorld({ queue: redis.url, ...options });
  onTestFinished(async () => await world.close());
  return { redis, world };
}

/** Gives the server a command. @returns its answer */
async function tell({ port, host }: TestRedis, command: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(port, host, () => socket.write(`${command}\r\n`));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer.toString());
    });
    socket.once('error', reject);
  });
}

const away = async (): Promise<void> => {
  const since = performance.now();
  await until(() => performance.now() - since > awaySeconds * 1000, { ms: awaySeconds * 1000 + 1000 });
};

describe.concurrent('a Redis that goes away in the middle of a run', () => {
  test('and comes back with its data: the run waits, says so once, and every member arrives once', async (context) => {
    const { redis, world } = await open(context, { args: durable });
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

  test('and comes back empty: the run notices, reads its window again and counts what is in the queue', async (context) => {
    const { redis, world } = await open(context);
    await world.whileRunning(async () => {
      await world.untilEvent('page.confirmed', 6);
      await redis.kill();
      await world.untilEvent('queue.down');
      await redis.start();
      await world.untilEvent('run.finished');
    });
    await world.expectComplete({ again: true });
    world.expectToldOnce();
    expect(world.find('notice').map(({ message }) => message)).toContainEqual(
      expect.stringContaining('has lost its data: list "l1" reads its window from the beginning again'),
    );
  });

  test('and does not answer at all for longer than an operation may take', async (context) => {
    const { redis, world } = await open(context);
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

  test('after a run was complete: what may be lost is said, with what to do', async (context) => {
    const { redis, world } = await open(context);
    expect(await world.go({ once: true })).toBe(0);
    await redis.kill();
    await redis.start();
    world.writeState([{ ...world.readState()[0], refresh_seconds: 1 }]);
    await until(() => Date.now() - (world.find('run.started')[0]?.at ?? 0) > 1100);
    expect(await world.go({ once: true })).toBe(0);
    expect(world.find('notice').map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/does not know what list "l1" published at 20.+set the cursor back/),
    );
  });
});

/** Slow enough for more than one look at the queue, which is looked at once a second. */
const slow = { lists: { l1: 1500 }, latencyMs: 250 };

describe.concurrent('a Redis that takes nothing', () => {
  test('for its memory is full: the run waits, says so once, and every member arrives when there is room', async (context) => {
    const { redis, world } = await open(context);
    await world.whileRunning(async () => {
      await world.untilEvent('page.confirmed', 6);
      await tell(redis, 'CONFIG SET maxmemory 1mb');
      await world.untilEvent('queue.down');
      await away();
      await tell(redis, 'CONFIG SET maxmemory 0');
      await world.untilEvent('run.finished');
    });
    await world.expectComplete();
    expect(world.expectToldOnce().reason).toContain('the memory limit is reached');
  });

  test('for its memory is nearly full: reading stops before it refuses, and goes on with room', async (context) => {
    const { redis, world } = await open(context, {}, { mailchimp: slow });
    await world.whileRunning(async () => {
      await world.untilEvent('page.confirmed', 6);
      // So that what is left of the run fits above the limit.
      await tell(redis, 'SETRANGE ballast 30000000 x');
      await tell(redis, `CONFIG SET maxmemory ${Math.round((await usedMemory(redis)) * 1.2)}`);
      await world.untilEvent('queue.full');
      const read = world.find('page.read').length;
      await away();
      expect(world.find('page.read').length).toBeLessThanOrEqual(read + 6);
      await tell(redis, 'CONFIG SET maxmemory 0');
      await world.untilEvent('run.finished');
    });
    await world.expectComplete();
    expect(world.find('queue.down')).toEqual([]);
    expect(world.find('queue.full').map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/memory is \d+ % full/),
    ]);
    expect(world.find('queue.flowing')).toMatchObject([{ hasRoom: true }]);
  });

  test('for too many jobs wait: a quit ends the waiting, which is told, and go --once gives up in time', async (context) => {
    const env = { SLUICE_MAX_WAITING_JOBS: '8', SLUICE_CONFIRM_WAIT_SECONDS: '1', SLUICE_DRAIN_SECONDS: '1' };
    const { world } = await open(context, {}, { env, mailchimp: slow });
    await world.whileRunning(async () => await world.untilEvent('queue.full'));
    expect(world.find('run.drained')).toHaveLength(1);
    expect(world.find('queue.flowing')).toMatchObject([{ hasRoom: false }]);
    expect(await world.go({ once: true })).toBe(1);
    expect(world.find('run.failed')[0]?.error).toMatchObject({
      code: 'queue.full',
      message: expect.stringMatching(/^queue "lists" is full: \d+ jobs wait \(limit 8\), 0 workers$/),
      hint: 'start more consumers; the run goes on where it stopped',
    });
    expect(world.find('queue.flowing')).toHaveLength(2);
  });

  test('for it is a replica now: the run waits until it may write again', async (context) => {
    const { redis, world } = await open(context);
    await world.whileRunning(async () => {
      await world.untilEvent('page.confirmed', 6);
      await tell(redis, 'REPLICAOF 127.0.0.1 1');
      await world.untilEvent('queue.down');
      await away();
      await tell(redis, 'REPLICAOF NO ONE');
      await world.untilEvent('run.finished');
    });
    await world.expectComplete();
    expect(world.expectToldOnce().reason).toMatch(/read.only/i);
  });

  test('for it has another password after a restart: the entry fails with what to do, and goes on when it is right', async (context) => {
    const { redis, world } = await openWithPassword(context);
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
      await redis.start([...durable, '--requirepass', password]);
      // The connection tries again within a second; who asks before that fails once more.
      let asked = 0;
      await until(
        async () => {
          const failed = world.find('run.failed').length;
          if (failed > asked) await world.operator().command({ type: 'run', id: 'l1' });
          asked = failed;
          return world.find('run.finished').length > 0;
        },
        { every: 300, ms: 20_000 },
      );
    });
    await world.expectResumed();
    expect(JSON.stringify(world.events)).not.toContain(password);
  });
});

async function openWithPassword(context: TestContext): Promise<Outage> {
  context.skip(!hasRedis(), 'no redis-server on PATH');
  const redis = await startRedis({ args: [...durable, '--requirepass', password] });
  context.onTestFinished(async () => await redis.stop());
  const world = await openOutageWorld({ queue: redis.url.replace('://', `://:${password}@`) });
  context.onTestFinished(async () => await world.close());
  return { redis, world };
}

async function usedMemory(redis: TestRedis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await tell(redis, 'INFO memory'))?.[1]);
}

describe.concurrent('a connection that is cut in the middle of a bulk of chunks', () => {
  // Pages of more than a megabyte, so that each goes as several jobs in one call.
  const large = { list_id: 'l1', items_per_request: 1000, worker_count: 2 };

  async function openThroughProxy(
    context: TestContext,
  ): Promise<{ proxy: CuttingProxy; world: OutageWorld }> {
    context.skip(!hasRedis(), 'no redis-server on PATH');
    const redis = await startRedis();
    context.onTestFinished(async () => await redis.stop());
    const proxy = await startCuttingProxy(redis.host, redis.port);
    context.onTestFinished(async () => await proxy.close());
    const world = await openOutageWorld({
      queue: `redis://127.0.0.1:${proxy.port}`,
      mailchimp: { lists: { l1: 6000 }, latencyMs: 40 },
    });
    context.onTestFinished(async () => await world.close());
    world.writeState([large]);
    return { proxy, world };
  }

  test.for([1, 1000, 100_000, 1_000_000, 1_400_000])(
    'after %i bytes of the request',
    async (bytes, context) => {
      const { proxy, world } = await openThroughProxy(context);
      await world.whileRunning(async () => {
        await world.untilEvent('page.asked');
        proxy.cutRequest(bytes);
        await world.untilEvent('run.finished');
      });
      expect(proxy.cuts).toBe(1);
      await world.expectComplete({ members: 6000 });
    },
  );

  test('before the answer: what is in the queue is counted once', async (context) => {
    const { proxy, world } = await openThroughProxy(context);
    await world.whileRunning(async () => {
      await world.untilEvent('run.started');
      for (let page = 1; page <= 3; page += 1) {
        proxy.loseAnswer(200_000);
        await until(() => proxy.cuts === page, { what: `cut ${page}` });
      }
      await world.untilEvent('run.finished');
    });
    await world.expectComplete({ members: 6000 });
  });
});

describe.concurrent('a Redis that is not there', () => {
  test('at the start is waited for, told once and at once, and the run begins as soon as it is up', async (context) => {
    const { redis, world } = await open(context);
    await redis.kill();
    await world.whileRunning(async () => {
      await world.untilEvent('queue.down');
      await away();
      await redis.start();
      await world.untilEvent('run.finished');
    });
    await world.expectComplete();
    const { at, reason } = world.expectToldOnce();
    expect(reason).toContain('ECONNREFUSED');
    // Before one operation was out of time.
    expect(at - (world.find('run.started')[0]?.at ?? 0)).toBeLessThan(4000);
  });

  test('is told although nothing needs it, and that it is up', async (context) => {
    const { redis, world } = await open(context);
    world.writeState([{ list_id: 'l1', paused: true }]);
    await redis.kill();
    await world.whileRunning(async () => {
      await world.untilEvent('queue.down');
      await redis.start();
      await world.untilEvent('queue.up');
    });
    expect(world.expectToldOnce().reason).toContain('ECONNREFUSED');
    expect(world.find('run.started')).toEqual([]);
  });

  test('is waited for by go --once for its time, and then it says what to do and exits with 1', async (context) => {
    const { redis, world } = await open(context, {}, { env: { SLUICE_CONFIRM_WAIT_SECONDS: '1' } });
    await redis.kill();
    const before = performance.now();
    expect(await world.go({ once: true })).toBe(1);
    expect(performance.now() - before).toBeLessThan(20_000);
    expect(world.find('run.failed')[0]?.error).toMatchObject({
      code: 'queue.down',
      message: expect.stringMatching(/^redis:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED .*; waited 1 s$/),
      hint: 'Check that the queue is up and reachable; the run goes on where it stopped',
    });
    expect(world.readState()[0]).not.toHaveProperty('latest_timestamp');
  });

  test('in the middle of a run is given up on by go --once, which keeps how far it was', async (context) => {
    const env = { SLUICE_CONFIRM_WAIT_SECONDS: '1' };
    const { redis, world } = await open(context, { args: durable }, { env });
    const running = world.go({ once: true });
    await world.untilEvent('page.confirmed', 6);
    await redis.kill();
    expect(await running).toBe(1);
    expect(world.find('run.failed')[0]?.error.code).toBe('queue.down');
    expect(world.readState()[0]).not.toHaveProperty('latest_timestamp');
    await redis.start();
    expect(await world.go({ once: true })).toBe(0);
    expect(world.find('run.started').map(({ resumed }) => resumed)).toEqual([false, true]);
    await world.expectResumed();
  });

  test('does not hold a quit up: it ends within the drain, and the next start goes on where it was', async (context) => {
    const { redis, world } = await open(context, { args: durable }, { env: { SLUICE_DRAIN_SECONDS: '1' } });
    const running = world.go();
    await world.untilEvent('page.confirmed', 6);
    await redis.kill();
    await world.untilEvent('queue.down');
    const asked = performance.now();
    world.signal('SIGTERM');
    expect(await running).toBe(0);
    expect(performance.now() - asked).toBeLessThan(8000);
    await redis.start();
    expect(await world.go({ once: true })).toBe(0);
    await world.expectResumed();
  });

  test('while several lists run is told once', async (context) => {
    const { redis, world } = await open(
      context,
      { args: durable },
      { mailchimp: { lists: { l1: 1500, l2: 1500, l3: 1500 }, latencyMs: 40 } },
    );
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

describe.concurrent('a part that is broken is found out', () => {
  test('a queue that says yes while it is down (twin)', async (context) => {
    const { redis, world } = await open(
      context,
      { args: durable },
      { wrapping: { queue: (store) => withQueue(store, yesSaying) } },
    );
    await world.whileRunning(async () => {
      await world.untilEvent('page.confirmed', 6);
      await redis.kill();
      await world.untilEvent('page.confirmed', 9);
      await redis.start();
      await world.untilEvent('run.finished');
    });
    await expect(world.expectComplete()).rejects.toThrow();
  });

  test('a marker that outlives the data (twin)', async (context) => {
    const { redis, world } = await open(
      context,
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
