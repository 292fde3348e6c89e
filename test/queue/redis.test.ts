import { inspect } from 'node:util';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import type { EventBody } from '../../src/model/events.ts';
import type { QueueStore } from '../../src/queue/contract.ts';
import { openQueueStore } from '../../src/queue/open.ts';
import { openRedisStore } from '../../src/queue/redis.ts';
import { parseQueueUrl } from '../../src/queue/url.ts';
import { LOCK_MS } from '../conformance/queue-check.ts';
import { describeQueueStore } from '../conformance/queue-store.ts';
import { describeWithRedis, freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { killWorkerOf } from './killed-worker.ts';

const signal = new AbortController().signal;
const jobs = (count: number, prefix = 'job') =>
  Array.from({ length: count }, (_, index) => ({ id: `${prefix}-${index}`, name: 'n', data: [{ index }] }));

describeWithRedis('a Redis store', () => {
  describeQueueStore('keeps the promises of every store', async () => {
    const redis = await startRedis();
    const store = openStore(redis.url, 5000, undefined, LOCK_MS);
    return {
      store,
      other: async () => await Promise.resolve(openStore(`${redis.url}/1`)),
      async work(queue, take) {
        const connection = { host: redis.host, port: redis.port, maxRetriesPerRequest: null };
        const worker = new Worker<unknown>(
          queue,
          async ({ id = '', name, data }) => take({ id, name, data }),
          {
            connection,
            drainDelay: 1,
          },
        );
        worker.on('error', () => undefined);
        await worker.waitUntilReady();
        return worker;
      },
      async pause(name) {
        const queue = new Queue(name, { connection: { host: redis.host, port: redis.port } });
        await queue.pause();
        await queue.close();
      },
      async steal(name, id) {
        const client = new Redis({ host: redis.host, port: redis.port });
        expect(await client.del(`bull:${name}:${id}:lock`)).toBe(1);
        await client.quit();
      },
      async afterKill(name, job) {
        await killWorkerOf(redis.url, '', name, job);
        return store;
      },
      async close() {
        await store.close();
        await redis.stop();
      },
    };
  });

  const opened: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0).toReversed()) await close();
  });
  const start = async (...args: string[]): Promise<TestRedis> => {
    const redis = await startRedis({ args });
    opened.push(() => redis.stop());
    return redis;
  };
  const open = (url: string, deadlineMs?: number, emit?: (event: EventBody) => void): QueueStore => {
    const store = openStore(url, deadlineMs, emit);
    opened.push(() => store.close());
    return store;
  };

  test('opens while Redis is down, rejects as retry within the deadline, and works once it is up', async () => {
    const port = await freePort();
    const before = performance.now();
    const store = await openQueueStore(parseQueueUrl(`redis://127.0.0.1:${port}`), {
      folder: '',
      deadlineMs: 200,
    });
    opened.push(() => store.close());
    const queue = store.queue('lists');
    for (const work of [
      queue.add(jobs(1), signal),
      queue.status(signal),
      store.ping(signal),
      store.hasMarker('r', signal),
    ])
      expect(await failure(work)).toMatchObject({
        recovery: 'retry',
        message: expect.stringContaining(`connect ECONNREFUSED 127.0.0.1:${port}`),
      });
    expect(performance.now() - before).toBeLessThan(2000);

    const redis = await startRedis({ port });
    opened.push(() => redis.stop());
    await until(() => queue.add(jobs(1), signal).then(() => true));
    // What was given up while the server was away is not added behind our back in a way that shows.
    expect(await queue.peek(10, signal)).toEqual(jobs(1));
  });

  test('tells a server that was never there at the first refusal, and finds it when it comes', async () => {
    const port = await freePort();
    const store = open(`redis://127.0.0.1:${port}`);
    for (const work of [store.ping(signal), store.queue('lists').status(signal)]) {
      const before = performance.now();
      expect(await failure(work)).toMatchObject({
        recovery: 'retry',
        message: `redis://127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
      });
      expect(performance.now() - before).toBeLessThan(2000);
    }
    const redis = await startRedis({ port });
    opened.push(() => redis.stop());
    await until(() => store.ping(signal).then(() => true));
  });

  test('waits within the deadline for a server that was there: a restart is told nobody', async () => {
    const { store, redis } = await gone();
    const ping = failure(store.ping(signal));
    const again = await startRedis({ port: redis.port });
    opened.push(() => again.stop());
    expect(await ping).toBe('resolved');
  });

  test('rejects as retry when the server stalls, and nothing is doubled or lost when it goes on', async () => {
    const redis = await start();
    const store = open(redis.url, 300);
    const queue = store.queue('lists');
    await queue.add(jobs(2), signal);
    redis.pause();
    const before = performance.now();
    expect(await failure(queue.add(jobs(40, 'x'), signal))).toMatchObject({ recovery: 'retry' });
    expect(await failure(queue.add(jobs(40, 'x'), signal))).toMatchObject({ recovery: 'retry' });
    expect(performance.now() - before).toBeLessThan(1500);
    redis.resume();
    await until(() => queue.add(jobs(40, 'x'), signal).then(() => true));
    expect(await queue.peek(100, signal)).toEqual([...jobs(2), ...jobs(40, 'x')]);
  });

  test('twin: fresh ids at each try double what a stalled server took after all', async () => {
    const redis = await start();
    const queue = open(redis.url, 300).queue('lists');
    await queue.add(jobs(1), signal);
    redis.pause();
    await failure(queue.add(jobs(5, 'first'), signal));
    redis.resume();
    await until(() => queue.add(jobs(5, 'second'), signal).then(() => true));
    await until(async () => (await queue.status(signal)).waiting === 11);
  });

  test('publishes again after a restart with its data, and nothing is lost or doubled', async () => {
    const redis = await start('--appendonly', 'yes');
    const store = open(redis.url);
    const queue = store.queue('lists');
    await store.putMarker('r1', signal);
    await queue.add(jobs(10), signal);
    await redis.kill();
    const meanwhile = queue.add(jobs(20), signal).catch((error: unknown) => error);
    await redis.start();
    await meanwhile;
    await until(() => queue.add(jobs(20), signal).then(() => true));
    expect(await queue.peek(100, signal)).toEqual(jobs(20));
    expect(await store.hasMarker('r1', signal)).toBe(true);
  });

  test('has lost the marker when Redis came back without its data', async () => {
    const redis = await start();
    const store = open(redis.url);
    await store.putMarker('r1', signal);
    await store.queue('lists').add(jobs(3), signal);
    await redis.kill();
    await redis.start();
    await until(async () => !(await store.hasMarker('r1', signal)));
    await store.queue('lists').add(jobs(3), signal);
    expect((await store.queue('lists').status(signal)).waiting).toBe(3);
    expect(await store.list(signal)).toEqual(['lists']);
  });

  test('keeps a marker for 90 days', async () => {
    const redis = await start();
    await open(redis.url).putMarker('r1', signal);
    const client = plainClient(redis);
    const [key = ''] = await client.keys('*');
    expect(await client.ttl(key)).toBeGreaterThan(89 * 86_400);
  });

  test('refuses a database that the server does not have, and writes into no other one instead', async () => {
    const redis = await start('--databases', '4');
    const store = open(`${redis.url}/7`);
    const refused = {
      code: 'queue.no-database',
      recovery: 'config',
      hint: expect.stringContaining('0 to 15'),
    };
    await expect(store.queue('lists').add(jobs(2), signal)).rejects.toMatchObject(refused);
    await expect(store.ping(signal)).rejects.toMatchObject(refused);
    expect(await plainClient(redis).keys('*')).toEqual([]);
  });

  test('counts the workers of its own database, and not those of another one on the same server', async () => {
    const redis = await start();
    const [own, other] = [open(redis.url), open(`${redis.url}/1`)];
    const worker = other.queue('q').work(async () => await Promise.resolve(), { concurrency: 1 });
    await until(async () => (await other.queue('q').status(signal)).workers === 1);
    expect(await own.queue('q').status(signal)).toMatchObject({ workers: 0 });
    await worker.close();
  });

  test('leaves the settings of a queue that is there already alone', async () => {
    const redis = await start();
    const client = plainClient(redis);
    await client.hset('bull:lists:meta', 'opts.maxLenEvents', '123', 'version', 'bullmq:5.1.0');
    const queue = open(redis.url).queue('lists');
    await queue.status(signal);
    await queue.add(jobs(2), signal);
    expect(await client.hgetall('bull:lists:meta')).toEqual({
      'opts.maxLenEvents': '123',
      version: 'bullmq:5.1.0',
    });
  });

  test('keeps finished jobs for an hour, and at most 200', async () => {
    const redis = await start();
    await open(redis.url).queue('lists').add(jobs(1), signal);
    const stored = await plainClient(redis).hget('bull:lists:job-0', 'opts');
    expect(JSON.parse(stored ?? '')).toMatchObject({
      removeOnComplete: { age: 3600, count: 200 },
      removeOnFail: { age: 3600, count: 200 },
      attempts: 1,
    });
  });

  test('closes quickly while Redis is down, and while it stalls', async () => {
    const redis = await start();
    const stalled = open(redis.url);
    await stalled.queue('lists').add(jobs(1), signal);
    const { store: down } = await gone();
    const waiting = failure(down.queue('lists').add(jobs(1), signal));
    redis.pause();
    const hanging = failure(stalled.queue('lists').add(jobs(1), signal));
    const before = performance.now();
    await Promise.all([stalled.close(), down.close()]);
    expect(performance.now() - before).toBeLessThan(3000);
    expect(await waiting).toMatchObject({ code: 'queue.closed' });
    expect(await hanging).toMatchObject({ code: 'queue.closed' });
  });

  test('lets a hundred operations wait for Redis without a warning', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const { store } = await gone(100);
    const work = Array.from({ length: 100 }, (_, index) =>
      failure(store.queue('lists').add(jobs(1, `${index}`), signal)),
    );
    for (const thrown of await Promise.all(work)) expect(thrown).toMatchObject({ recovery: 'retry' });
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  test('stops at once when its signal aborts while Redis is down', async () => {
    const { store } = await gone();
    const stop = new AbortController();
    const add = failure(store.queue('lists').add(jobs(1), stop.signal));
    const before = performance.now();
    stop.abort();
    expect(await add).toMatchObject({ name: 'AbortError' });
    expect(performance.now() - before).toBeLessThan(200);
  });

  test('says at once that a password is refused, without showing it', async () => {
    const redis = await start('--requirepass', 'right');
    const store = open(`redis://:hunter2@127.0.0.1:${redis.port}`);
    const thrown = await failure(store.ping(signal));
    expect(thrown).toMatchObject({ code: 'queue.unauthorized', recovery: 'config' });
    expect(inspect(thrown, { depth: 9 })).not.toContain('hunter2');
    const none = await failure(open(redis.url).queue('lists').add(jobs(1), signal));
    expect(none).toMatchObject({ code: 'queue.unauthorized', recovery: 'config' });
    await open(`redis://:right@127.0.0.1:${redis.port}`).ping(signal);
  });

  test('says that memory is full as retry, and tells its share before', async () => {
    const redis = await start('--maxmemory', '4mb');
    const store = open(redis.url);
    const share = await store.memory(signal);
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(1);
    const large = jobs(20).map(({ id, name }) => ({ id, name, data: ['x'.repeat(500_000)] }));
    expect(await failure(store.queue('lists').add(large, signal))).toMatchObject({
      code: 'queue.full',
      recovery: 'retry',
    });
  });

  test('tells a dangerous eviction policy once, as an event and not on the terminal', async () => {
    const spies = [
      vi.spyOn(console, 'warn'),
      vi.spyOn(console, 'error'),
      vi.spyOn(console, 'log'),
      vi.spyOn(process.stderr, 'write'),
    ];
    const redis = await start('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru');
    const events: EventBody[] = [];
    const store = open(redis.url, 500, (event) => events.push(event));
    await store.queue('lists').add(jobs(1), signal);
    await until(() => events.length === 1);
    await redis.kill();
    await failure(store.ping(signal));
    await redis.start();
    await until(() => store.ping(signal).then(() => true));
    await store.queue('other').status(signal);
    expect(events).toEqual([
      expect.objectContaining({
        type: 'notice',
        level: 'warn',
        message: expect.stringContaining('noeviction'),
      }),
    ]);
    await store.close();
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });

  test('lists queues among many other keys', async () => {
    const redis = await start();
    const client = plainClient(redis);
    const pipeline = client.pipeline();
    for (let key = 0; key < 5000; key += 1) pipeline.set(`bull:lists:${key}`, 'x');
    pipeline.hset('bull:theirs:meta', 'version', 'bullmq:4');
    pipeline.hset('other:prefix:meta', 'version', 'bullmq:4');
    await pipeline.exec();
    const store = open(redis.url);
    await store.queue('lists').add(jobs(1), signal);
    expect(await store.list(signal)).toEqual(['lists', 'theirs']);
  });

  /** A store whose server was there and is not any more. */
  async function gone(deadlineMs?: number): Promise<{ store: QueueStore; redis: TestRedis }> {
    const redis = await start();
    const store = open(redis.url, deadlineMs);
    await store.ping(signal);
    await redis.stop();
    return { store, redis };
  }

  function plainClient(redis: TestRedis): Redis {
    const client = new Redis({ host: redis.host, port: redis.port });
    client.on('error', () => undefined);
    opened.push(async () => await Promise.resolve(client.disconnect()));
    return client;
  }
});

function openStore(
  url: string,
  deadlineMs = 5000,
  emit?: (event: EventBody) => void,
  lockMs?: number,
): QueueStore {
  const target = parseQueueUrl(url);
  if (target.kind !== 'redis') throw new Error('not a Redis URL');
  return openRedisStore(target, { deadlineMs, clock: systemClock, emit, lockMs });
}

function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'resolved',
    (thrown: unknown) => thrown,
  );
}
