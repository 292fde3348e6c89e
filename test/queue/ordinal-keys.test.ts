import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { SettingError } from '../../src/model/errors.ts';
import { chooseOrdinalKeys, openOrdinalKeys, type OrdinalKeyStore } from '../../src/queue/ordinal-keys.ts';
import { parseQueueUrl, type RedisTarget } from '../../src/queue/url.ts';
import { describeWithRedis, hasRedis, startRedis, type TestRedis } from '../support/redis.ts';

const signal = AbortSignal.timeout(60_000);

describe('where the keys are', () => {
  test.each([
    [{ REDIS_URI: 'redis://keys:6380/2', REDIS_HOST: 'queue' }, 'redis://keys:6380/2'],
    [{ REDIS_URI: 'rediss://keys', QUEUE_URL: 'postgres://u@db/q' }, 'rediss://keys:6379'],
    [{ REDIS_HOST: 'importer-redis', REDIS_PORT: '6379' }, 'redis://importer-redis:6379'],
    [{ QUEUE_URL: 'redis://q:1', REDIS_URI: ' ' }, 'redis://q:1'],
    [{ QUEUE_URL: 'postgres://u@db/q' }, undefined],
    [{}, undefined],
  ])('%j: %s', (env, name) => {
    expect(chooseOrdinalKeys(env)?.name).toBe(name);
  });

  test.each(['importer-redis:6379', 'postgres://u:geheim7@db/x', 'redis://:geheim7@h/nodb'])(
    'REDIS_URI %s is refused, and not shown',
    (url) => {
      const choose = () => chooseOrdinalKeys({ REDIS_URI: url });
      expect(choose).toThrow(SettingError);
      expect(choose).toThrow(/REDIS_URI/);
      expect(choose).not.toThrow(/geheim7/);
    },
  );
});

describeWithRedis('the keys in a Redis', () => {
  let redis: TestRedis;
  let client: Redis;
  beforeAll(async () => {
    redis = await startRedis({ args: ['--requirepass', 'geheim7'] });
    client = new Redis({ host: redis.host, port: redis.port, password: 'geheim7' });
    client.on('error', () => undefined);
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
  });
  beforeEach(async (context) => {
    if (!hasRedis()) context.skip('no redis-server on PATH');
    await client.flushall();
  });

  function open(password = 'geheim7', deadlineMs = 2000): OrdinalKeyStore {
    const target = parseQueueUrl(`redis://:${password}@127.0.0.1:${redis.port}`);
    if (target.kind !== 'redis') throw new Error('no Redis');
    const keys = openOrdinalKeys(target satisfies RedisTarget, { clock: systemClock, deadlineMs });
    onTestFinished(() => keys.close());
    return keys;
  }

  test('are read and written as the old importer has them', async () => {
    const keys = open();
    expect(await keys.read('LATEST_PERSON_ORDINAL', signal)).toBeUndefined();
    await client.set('LATEST_PERSON_ORDINAL', '248119004');
    expect(await keys.read('LATEST_PERSON_ORDINAL', signal)).toBe(248_119_004);
    await keys.write('LATEST_PERSON_ORDINAL', 9_007_199_254_740_991, signal);
    expect(await client.get('LATEST_PERSON_ORDINAL')).toBe('9007199254740991');
  });

  test.each(['', '-1', '1.5', 'undefined', '9007199254740993', '1e9'])(
    'one that holds "%s" is no ordinal, and not taken for 0',
    async (text) => {
      await client.set('LATEST_PERSON_ORDINAL', text);
      await expect(open().read('LATEST_PERSON_ORDINAL', signal)).rejects.toMatchObject({
        code: 'queue.no_ordinal',
        recovery: 'config',
      });
    },
  );

  test('of a server that is away reject within the deadline, and work again when it is back', async () => {
    const keys = open('geheim7', 500);
    await keys.write('a', 1, signal);
    await redis.kill();
    await expect(keys.write('a', 2, signal)).rejects.toMatchObject({ recovery: 'retry' });
    await redis.start();
    const again = openOrdinalKeys(targetOf(), { clock: systemClock, deadlineMs: 5000 });
    onTestFinished(() => again.close());
    await again.write('a', 3, signal);
    await expect.poll(() => keys.read('a', signal), { timeout: 5000 }).toBe(3);
  });

  test('of a server that refuses the password say so at once, without it', async () => {
    const thrown: unknown = await open('falsch99')
      .read('a', signal)
      .catch((error: unknown) => error);
    expect(thrown).toMatchObject({ recovery: 'config' });
    expect(JSON.stringify(thrown) + String(thrown)).not.toMatch(/falsch99|geheim7/);
  });

  test('a closed store rejects, and closes again without harm', async () => {
    const keys = open();
    await keys.write('a', 1, signal);
    await keys.close();
    await keys.close();
    await expect(keys.read('a', signal)).rejects.toMatchObject({ code: 'queue.closed' });
  });

  function targetOf(): RedisTarget {
    const found = chooseOrdinalKeys({ REDIS_URI: `redis://:geheim7@127.0.0.1:${redis.port}` });
    if (!found) throw new Error('no Redis');
    return found;
  }
});
