import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openKeys } from '../../src/cli/open-ordinal-keys.ts';
import { countedDelivery } from '../../src/controller/counted-delivery.ts';
import { createKeyWriter, type KeyStore } from '../../src/controller/key-writer.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { OrdinalKeys } from '../../src/model/ordinal-keys.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

// S10, S16: the old importer's keys begin a service that the file knows nothing of, and follow the file ever after.

const signal = AbortSignal.timeout(60_000);
let redis: TestRedis;
let client: Redis;
beforeAll(async () => {
  if (!hasRedis()) return;
  redis = await startRedis();
  client = new Redis({ host: redis.host, port: redis.port });
  client.on('error', () => undefined);
});
afterAll(async () => {
  client?.disconnect();
  await redis?.stop();
});
beforeEach(async (context) => {
  if (!hasRedis()) context.skip('no redis-server on PATH');
  await client.flushall();
});

function open(env: Record<string, string> = {}): { keys: OrdinalKeys; told: string[] } {
  const told: string[] = [];
  const keys = openKeys({
    env: { REDIS_URI: redis.url, ...env },
    clock: systemClock,
    emit: (event) => void (event.type === 'notice' && told.push(event.message)),
  });
  if (!keys) throw new Error('no keys');
  onTestFinished(() => keys.close());
  return { keys, told };
}

const holds = async (key: string, value: string): Promise<void> =>
  void (await until(async () => (await client.get(key)) === value, { what: `${key} = ${value}` }));

describe('a service begins', () => {
  test('where the old importer stopped, when the file says nothing; it is told', async () => {
    await client.set('LATEST_ASSESSMENT_ORDINAL', '248119004');
    const { keys, told } = open();
    expect(await keys.begin('ASSESMENT_ITEM', undefined, signal)).toBe(248_119_004);
    expect(told).toEqual([
      `ASSESMENT_ITEM begins behind ordinal 248119004, where LATEST_ASSESSMENT_ORDINAL in ${redis.url} stands`,
    ]);
    expect(await keys.begin('PERSON', undefined, signal)).toBe(0);
  });

  test('at 0 when the file says 0 or null, whatever the key says', async () => {
    await client.set('LATEST_PERSON_ORDINAL', '248119004');
    const { keys } = open();
    expect(await keys.begin('PERSON', 0, signal)).toBe(0);
    expect(await keys.begin('PERSON', null, signal)).toBe(0);
    // Never ahead of the file.
    await holds('LATEST_PERSON_ORDINAL', '0');
  });

  test('where the file says; a key that somebody moved is told once and follows', async () => {
    await client.set('LATEST_PERSON_ORDINAL', '5');
    const { keys, told } = open();
    expect(await keys.begin('PERSON', 7, signal)).toBe(7);
    await holds('LATEST_PERSON_ORDINAL', '7');
    const text = `LATEST_PERSON_ORDINAL in ${redis.url} is 5, but state.json says 7 for PERSON`;
    expect(told).toEqual([`${text}: the file counts, and the key follows it`]);
    await client.set('LATEST_PERSON_ORDINAL', '5');
    await keys.begin('PERSON', 7, signal);
    await holds('LATEST_PERSON_ORDINAL', '7');
    expect(told).toHaveLength(1);
  });

  test('without a word when it was a person who moved the file', async () => {
    const { keys, told } = open();
    keys.reached('PERSON', 9);
    await holds('LATEST_PERSON_ORDINAL', '9');
    await keys.begin('PERSON', 4, signal);
    await holds('LATEST_PERSON_ORDINAL', '4');
    expect(told).toEqual([]);
  });

  test('nowhere when the store is away or holds nonsense: the run is tried again, and a deadline is kept', async () => {
    await client.set('LATEST_PERSON_ORDINAL', 'NaN');
    const unknown = {
      code: 'run.no_key',
      recovery: 'retry',
      message: expect.stringContaining('LATEST_PERSON_ORDINAL in'),
    };
    const { keys } = open();
    await expect(keys.begin('PERSON', undefined, signal)).rejects.toMatchObject(unknown);
    const away = open({ REDIS_URI: 'redis://127.0.0.1:1' });
    await expect(away.keys.begin('PERSON', undefined, signal)).rejects.toMatchObject(unknown);
    // What the file says needs no key.
    expect(await away.keys.begin('PERSON', 7, signal)).toBe(7);
  }, 15_000);

  test('is not waited for once the run is cancelled', async () => {
    const { keys } = open({ REDIS_URI: 'redis://127.0.0.1:1' });
    const cancel = new AbortController();
    const begun = keys.begin('PERSON', undefined, cancel.signal);
    cancel.abort();
    await expect(begun).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('of no key of its own where the file says', async () => {
    const { keys } = open();
    expect(await keys.begin('lists', 12, signal)).toBe(12);
    expect(await keys.begin('lists', undefined, signal)).toBe(0);
  });
});

/** Whether what the file says, 0 and null included, counts more than the key. */
async function obeysTheFile(begin: OrdinalKeys['begin']): Promise<boolean> {
  const begun = [];
  for (const latest of [0, null, 3]) {
    await client.set('LATEST_PERSON_ORDINAL', '248119004');
    begun.push(await begin('PERSON', latest, signal));
  }
  return begun.join() === '0,0,3';
}

test('the file is the word of a person, also when it says 0', async () => {
  const { keys } = open();
  expect(await obeysTheFile((...asked) => keys.begin(...asked))).toBe(true);
});

test('twin: one that takes 0 for nothing does not pass', async () => {
  const { keys } = open();
  expect(await obeysTheFile((service, latest, stop) => keys.begin(service, latest || undefined, stop))).toBe(
    false,
  );
});

describe('the keys follow', () => {
  test('ordinals, counts and what was read as a whole, under the old names', async () => {
    const { keys } = open();
    keys.reached('TERM_REGISTRATION', 17);
    keys.done('STUDY_LEVEL');
    keys.progress('PERSON', 1200, 800);
    await holds('LATEST_PERSON_ORDINAL_UPDATED', '800');
    expect(await client.mget('LATEST_TERM_REGISTRATION_ORDINAL', 'STUDY_LEVEL')).toEqual(['17', '1']);
    expect(await client.get('LATEST_PERSON_ORDINAL_SCHEDULED')).toBe('1200');
    expect((await client.keys('*')).length).toBe(4);
  });

  test('the newest of many, and what is left at the end is written', async () => {
    const { keys } = open();
    for (let ordinal = 1; ordinal <= 5000; ordinal += 1) keys.reached('PERSON', ordinal);
    await keys.close();
    expect(await client.get('LATEST_PERSON_ORDINAL')).toBe('5000');
    keys.reached('PERSON', 6000);
    await keys.close();
    expect(await client.get('LATEST_PERSON_ORDINAL')).toBe('5000');
  });

  test('closes in two seconds also when the store is away', async () => {
    const { keys, told } = open({ REDIS_URI: 'redis://127.0.0.1:1' });
    keys.reached('PERSON', 5);
    const began = performance.now();
    await keys.close();
    expect(performance.now() - began).toBeLessThan(4000);
    expect(told).toEqual([]);
  });
});

test('without a Redis there are none, and nothing connects before it is needed', () => {
  const parts = { clock: systemClock, emit: () => {} };
  expect(openKeys({ env: { QUEUE_URL: 'postgres://u@127.0.0.1/q' }, ...parts })).toBeUndefined();
  expect(openKeys({ env: {}, ...parts })).toBeUndefined();
});

/** A store in memory that can be away. */
function memoryStore(): KeyStore & { readonly values: Map<string, number>; isAway: boolean } {
  const values = new Map<string, number>();
  return {
    name: 'memory',
    values,
    isAway: false,
    read: (key) => Promise.resolve(values.get(key)),
    write(key, value) {
      if (this.isAway) return Promise.reject(new Error('away'));
      values.set(key, value);
      return Promise.resolve();
    },
  };
}

describe('an outage', () => {
  // Waits that a test need not sit through.
  const clock = {
    ...systemClock,
    sleep: (ms: number, stop: AbortSignal) => systemClock.sleep(ms / 50, stop),
  };

  test('is told once, stops nobody, and ends with the newest values written', async () => {
    const store = memoryStore();
    const told: string[] = [];
    const writer = createKeyWriter({ store, clock, tell: (_level, message) => told.push(message) });
    onTestFinished(() => writer.close());
    store.isAway = true;
    writer.put('a', 1);
    await until(() => told.length === 1);
    // On its way: what the store says of it now is no edit of anybody's.
    expect(writer.isWaiting('a')).toBe(true);
    writer.put('a', 2);
    writer.put('b', 3);
    store.isAway = false;
    await until(() => told.length === 2);
    expect([...store.values]).toEqual([
      ['a', 2],
      ['b', 3],
    ]);
    expect(writer.isWaiting('a')).toBe(false);
    expect(told[1]).toBe('the keys of the old importer are written again to memory');
  });
});

/** Delivers pages while the keys are watched. @returns whether more was ever counted as done than as given */
async function countsHonestly(counted: typeof countedDelivery): Promise<boolean> {
  const seen: [number, number][] = [];
  const slow = { deliver: async () => await systemClock.sleep(5, signal).then(() => []) };
  const delivery = counted(slow, (scheduled, updated) => seen.push([scheduled, updated]));
  const record = { key: 'a', version: 1, value: {} };
  await Promise.all([1, 2, 3].map((page) => delivery.deliver(page, [record, record], signal)));
  expect(seen.at(-1)).toEqual([6, 6]);
  return seen.every(([scheduled, updated], at) => updated <= scheduled && (at > 2 || updated === 0));
}

test('records count as done when their delivery has ended', async () => {
  expect(await countsHonestly(countedDelivery)).toBe(true);
});

const early: typeof countedDelivery = (delivery, onProgress) => {
  let count = 0;
  return {
    deliver(page, fresh, stop) {
      onProgress((count += fresh.length), count);
      return delivery.deliver(page, fresh, stop);
    },
  };
};

test('twin: one that counts them when they are given does not pass', async () => {
  expect(await countsHonestly(early)).toBe(false);
});
