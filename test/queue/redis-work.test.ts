import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { openQueueStore } from '../../src/queue/open.ts';
import { jobOptions } from '../../src/queue/retention.ts';
import { parseQueueUrl } from '../../src/queue/url.ts';
import { describeQueueOutages } from '../conformance/queue-outage.ts';
import { describeWithRedis, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const signal = new AbortController().signal;

describeWithRedis('work on a Redis queue', () => {
  const opened: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0).toReversed()) await close();
  });

  async function start(...args: string[]) {
    const redis = await startRedis({ args });
    opened.push(() => redis.stop());
    const client = new Redis({ host: redis.host, port: redis.port, lazyConnect: true });
    client.on('error', () => undefined);
    opened.push(async () => await Promise.resolve(client.disconnect()));
    return { ...redis, client };
  }

  async function openStore(url: string) {
    const store = await openQueueStore(parseQueueUrl(url), { folder: '' });
    opened.push(() => store.close());
    return store;
  }

  describeQueueOutages('when the server goes away', () =>
    start('--appendonly', 'yes', '--appendfsync', 'always'),
  );

  const asked = [
    ['asks a server that refuses about once a second, and goes on when it does no more', true, 1, 20],
    ["twin: BullMQ's own worker asks without end", false, 200, Infinity],
  ] as const;
  test.each(asked)('%s', async (_title, own, least, most) => {
    const { url, host, port, client } = await start();
    const store = await openStore(url);
    const queue = store.queue('refused');
    const gate = Promise.withResolvers<void>();
    let begun = 0;
    const work = async () => {
      begun += 1;
      await gate.promise;
    };
    const worker = own ? queue.work(work, { concurrency: 1 }) : bareWorker(host, port, work);
    await queue.add(
      ['first', 'second'].map((id) => ({ id, name: 'n', data: [] })),
      signal,
    );
    await until(() => begun === 1);
    await client.config('SET', 'min-replicas-to-write', '1');
    gate.resolve();
    await delay(1500);
    const refused = Number(
      /errorstat_NOREPLICAS:count=(\d+)/.exec(await client.info('errorstats'))?.[1] ?? 0,
    );
    await client.config('SET', 'min-replicas-to-write', '0');
    expect(refused).toBeGreaterThanOrEqual(least);
    expect(refused).toBeLessThan(most);
    if (own) await until(async () => (await queue.status(signal)).completed === 2);
    await worker.close(true);
  });

  test('goes on when a server that stalled goes on', async () => {
    const { url, pause, resume } = await start();
    const queue = (await openStore(url)).queue('stalled');
    const worker = queue.work(async () => await Promise.resolve(), { concurrency: 2 });
    const add = (id: string) => queue.add([{ id, name: 'n', data: [] }], signal);
    await add('first');
    await until(async () => (await queue.status(signal)).completed === 1);
    pause();
    await delay(700);
    resume();
    await add('second');
    await until(async () => (await queue.status(signal)).completed === 2);
    await worker.close();
  });

  test('leaves nothing behind that would hold the process', async () => {
    const { url } = await start();
    const open = new URL('../../src/queue/open.ts', import.meta.url).href;
    const parse = new URL('../../src/queue/url.ts', import.meta.url).href;
    const script = `
      import { openQueueStore } from ${JSON.stringify(open)};
      import { parseQueueUrl } from ${JSON.stringify(parse)};
      const store = await openQueueStore(parseQueueUrl(${JSON.stringify(url)}), { folder: '' });
      const queue = store.queue('held');
      queue.onFinished(() => undefined);
      const done = Promise.withResolvers();
      queue.work(async () => done.resolve(), { concurrency: 2 });
      const hanging = store.queue('other');
      const begun = Promise.withResolvers();
      hanging.work(() => { begun.resolve(); return new Promise(() => undefined); }, { concurrency: 1 });
      for (const each of [queue, hanging]) await each.add([{ id: 'a', name: 'n', data: [] }], new AbortController().signal);
      await Promise.all([done.promise, begun.promise]);
      await store.close();
      process.stdout.write('closed');`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    opened.push(async () => await Promise.resolve(child.kill('SIGKILL')));
    const gone = once(child, 'exit');
    await once(child.stdout, 'data');
    const before = performance.now();
    expect((await gone)[0]).toBe(0);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test('keeps the last 200 completed and the last 200 failed jobs of a queue, whoever published them', async () => {
    const { url } = await start();
    const queue = (await openStore(url)).queue('kept');
    const kept = jobOptions.removeOnFail.count;
    const ids = Array.from({ length: kept + 10 }, (_, index) => `bad-${1000 + index}`);
    const good = ids.map((id) => id.replace('bad', 'good'));
    const jobs = [...ids, ...good].map((id) => ({ id, name: 'n', data: [] }));
    await queue.add(jobs, signal);
    const worker = queue.work(
      async ({ id }) => {
        if (id.startsWith('bad')) throw await Promise.resolve(new Error('bad'));
      },
      { concurrency: 1 },
    );
    await until(async () => {
      const { waiting, active } = await queue.status(signal);
      return waiting + active === 0;
    });
    await worker.close();
    for (const [state, all] of Object.entries({ failed: ids, completed: good })) {
      const states = (await queue.outcomes(all, signal)).map((outcome) => outcome.state);
      expect(states.slice(0, 10).every((one) => one === 'missing')).toBe(true);
      expect(states.slice(10).every((one) => one === state)).toBe(true);
    }
  });
});

function bareWorker(host: string, port: number, work: () => Promise<void>): Worker {
  const connection = { host, port, maxRetriesPerRequest: null };
  const worker = new Worker('refused', work, { connection });
  worker.on('error', () => undefined);
  return worker;
}
