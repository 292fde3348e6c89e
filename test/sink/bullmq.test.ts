import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import type { QueueStore } from '../../src/queue/contract.ts';
import type { Job } from '../../src/model/queues.ts';
import { type EmbeddedStore, openEmbeddedStore } from '../../src/queue/embedded.ts';
import { openQueueStore } from '../../src/queue/open.ts';
import { parseQueueUrl } from '../../src/queue/url.ts';
import { createBullmqSink } from '../../src/sink/bullmq.ts';
import { createSink, sinkNames } from '../../src/sink/registry.ts';
import { describeSink, type SinkWorld } from '../conformance/sink.ts';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { describeWithRedis, startRedis, type TestRedis } from '../support/redis.ts';

const signal = new AbortController().signal;
let worlds = 0;

describeWithRedis('the BullMQ sink on Redis', () => {
  let redis: TestRedis;
  let store: QueueStore;
  let client: Redis;
  beforeAll(async () => {
    redis = await startRedis();
    client = new Redis({ host: redis.host, port: redis.port });
    store = await openQueueStore(parseQueueUrl(redis.url), { folder: '' });
  });
  afterAll(async () => {
    await store.close();
    client.disconnect();
    await redis.stop();
  });

  describeSink('keeps the promises of every sink', async () => {
    await client.flushall();
    return sinkWorld(store, async () => void (await client.flushall()));
  });
});

describe('the BullMQ sink on the embedded queue', () => {
  let folder: string;
  let store: EmbeddedStore;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-sink-'));
    const target = { kind: 'embedded', name: 'embedded:' } as const;
    store = await openEmbeddedStore(target, { folder, deadlineMs: 5000, clock: systemClock });
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  describeSink('keeps the promises of every sink', async () => {
    // Truncated is as good as a new folder, and much quicker.
    const forget = async () => void (await store.pool.query('TRUNCATE bullmq.job CASCADE', []));
    const world = sinkWorld(store, async () => {
      await forget();
      await store.pool.query('TRUNCATE bullmq.sluice_run_marker', []);
    });
    await world.loseData();
    return await Promise.resolve(world);
  });
});

describe('the BullMQ sink on Postgres', () => {
  let postgres: TestPostgres;
  let store: QueueStore;
  const missing = hasPostgres() ? undefined : noPostgres;
  beforeAll(async () => {
    if (missing !== undefined) return;
    postgres = await startPostgres();
    store = await openQueueStore(parseQueueUrl(postgres.url), { folder: '' });
    await store.putMarker('r0', signal);
  });
  afterAll(async () => {
    await store?.close();
    await postgres?.stop();
  });

  describeSink(
    'keeps the promises of every sink',
    async () => {
      const world = sinkWorld(store, async () => {
        await postgres.sql('TRUNCATE bullmq.job, bullmq.sluice_run_marker CASCADE');
      });
      await world.loseData();
      return world;
    },
    missing,
  );
});

test('the data of a job is the bare array, its name the list, its id the chunk', async () => {
  const added: Job[] = [];
  const store = storeThat((jobs) => added.push(...jobs));
  const sink = createBullmqSink({ store, queue: 'lists', jobName: '1a2d' });
  await sink.publish([{ id: 'r1-0-0-ff', keys: ['m'], values: [{ id: 'm' }], bytes: 12 }], signal);
  expect(added).toEqual([{ id: 'r1-0-0-ff', name: '1a2d', data: [{ id: 'm' }] }]);
});

test('no call to the store holds more than 100 jobs or 4 MB, unless a single chunk is larger', async () => {
  const calls: number[] = [];
  const sink = createBullmqSink({
    store: storeThat((jobs) => calls.push(jobs.length)),
    queue: 'q',
    jobName: 'n',
  });
  await sink.publish(
    Array.from({ length: 250 }, () => chunk(10)),
    signal,
  );
  expect(calls.splice(0)).toEqual([100, 100, 50]);
  await sink.publish([3e6, 2e6, 2e6, 9e6, 1].map(chunk), signal);
  expect(calls.splice(0)).toEqual([1, 2, 1, 1]);
});

test('an entry may name a sink, and is told the known ones when it names another', () => {
  expect(sinkNames).toEqual(['bullmq']);
  const options = { store: storeThat(() => undefined), queue: 'lists', jobName: 'n' };
  expect(createSink(undefined, options).name).toBe('queue "lists"');
  expect(createSink('bullmq', options).name).toBe('queue "lists"');
  expect(() => createSink('nats', options)).toThrow('There is no sink "nats"');
  expect(() => createSink('toString', options)).toThrow('There is no sink');
});

function sinkWorld(store: QueueStore, loseData: () => Promise<void>): SinkWorld {
  const queue = `lists-${(worlds += 1)}`;
  return {
    sink: createBullmqSink({ store, queue, jobName: '1a2d' }),
    async held() {
      const jobs = await store.queue(queue).peek(1000, signal);
      return jobs.map(({ id, name, data }) => {
        if (name !== '1a2d' || !Array.isArray(data)) throw new Error(`job ${id} has name ${name}`);
        return { id, values: data };
      });
    },
    loseData,
  };
}

const chunk = (bytes: number) => ({ id: 'x', keys: [], values: [], bytes });
const unused = () => Promise.reject(new Error('not used here'));

function storeThat(add: (jobs: readonly Job[]) => unknown): QueueStore {
  return {
    kind: 'embedded',
    name: 'embedded:',
    queue: () => ({
      add: async (jobs) => await Promise.resolve(void add(jobs)),
      status: unused,
      peek: unused,
      outcomes: unused,
      onFinished: () => () => {},
      work: () => ({ close: unused }),
      obliterate: unused,
    }),
    ping: unused,
    putMarker: unused,
    hasMarker: unused,
    dropMarker: unused,
    memory: unused,
    list: unused,
    close: async () => await Promise.resolve(),
  };
}
