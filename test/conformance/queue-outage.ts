import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { EventBody } from '../../src/model/events.ts';
import type { QueueStore } from '../../src/queue/contract.ts';
import { openQueueStore } from '../../src/queue/open.ts';
import { parseQueueUrl } from '../../src/queue/url.ts';
import { until } from '../support/until.ts';
import { numbered, signal } from './queue-check.ts';

/** A server that keeps its data over a kill. */
export interface QueueServer {
  readonly url: string;
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
}

/** What workers and listeners keep when their server goes away. `server` is called once a test. */
export function describeQueueOutages(name: string, server: () => Promise<QueueServer>): void {
  describe(name, () => {
    const opened: QueueStore[] = [];
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });

    async function open(url: string, events: EventBody[] = []): Promise<QueueStore> {
      const store = await openQueueStore(parseQueueUrl(url), {
        folder: '',
        deadlineMs: 500,
        emit: (event) => events.push(event),
      });
      opened.push(store);
      return store;
    }

    test('a worker that begins while the server is down works as soon as it is up; both is told once', async () => {
      const { url, kill, start } = await server();
      await kill();
      const events: EventBody[] = [];
      const store = await open(url, events);
      const queue = store.queue('early');
      const workers = [1, 2].map(() => queue.work(async () => await Promise.resolve(), { concurrency: 2 }));
      await until(() => outages(events).length > 0);
      await delay(1500);
      expect(outages(events)).toEqual([
        { type: 'queue.down', queue: store.name, reason: expect.stringContaining(store.name), waitMs: 1000 },
      ]);
      await start();
      await until(() => queue.add(numbered(4), signal).then(() => true));
      await until(async () => (await queue.status(signal)).completed === 4);
      await until(async () => (await queue.status(signal)).workers === 2);
      expect(outages(events).map(({ type }) => type)).toEqual(['queue.down', 'queue.up']);
      await Promise.all(workers.map((worker) => worker.close()));
      await until(async () => (await queue.status(signal)).workers === 0);
    });

    test('a worker goes on after a restart, and a job that ended meanwhile is done and not failed', async () => {
      const { url, kill, start } = await server();
      const events: EventBody[] = [];
      const queue = (await open(url, events)).queue('restart');
      await until(() => queue.add(numbered(2), signal).then(() => true));
      const gate = Promise.withResolvers<void>();
      let begun = 0;
      const idle = queue.work(async () => await Promise.resolve(), { concurrency: 1 });
      await until(async () => (await queue.status(signal)).completed === 2);
      await idle.close();
      await queue.add(
        numbered(5).map(({ id, data }) => ({ id: `x-${id}`, name: 'n', data })),
        signal,
      );
      const worker = queue.work(
        async ({ id }) => {
          begun += 1;
          await gate.promise;
          if (id === 'x-job-2') throw new Error('refused');
        },
        { concurrency: 2 },
      );
      await until(() => begun === 2);
      await kill();
      gate.resolve();
      await until(() => outages(events).length > 0);
      await delay(300);
      await start();
      await until(async () => (await queue.status(signal)).completed === 6);
      expect(await queue.outcomes(['x-job-1', 'x-job-2'], signal)).toMatchObject([
        { state: 'completed' },
        { state: 'failed', reason: 'refused' },
      ]);
      expect(begun).toBe(5);
      await until(() => outages(events).length === 2);
      await until(() => queue.add([{ id: 'last', name: 'n', data: [] }], signal).then(() => true));
      await until(async () => (await queue.status(signal)).completed === 7);
      await worker.close();
      expect(outages(events).map(({ type }) => type)).toEqual(['queue.down', 'queue.up']);
    });

    test('a listener is woken after a restart too', async () => {
      const { url, kill, start } = await server();
      const queue = (await open(url)).queue('listened');
      let wakes = 0;
      const leave = queue.onFinished(() => (wakes += 1));
      const worker = queue.work(async () => await Promise.resolve(), { concurrency: 1 });
      let added = 0;
      const finishOne = async () => {
        await queue.add([{ id: `job-${(added += 1)}`, name: 'n', data: [] }], signal).catch(() => undefined);
        return wakes > 0;
      };
      await until(finishOne, { every: 100 });
      await kill();
      await delay(100);
      await start();
      wakes = 0;
      await until(finishOne, { every: 100, ms: 15_000 });
      leave();
      await worker.close();
    });

    test('workers, listeners and the store close within seconds while the server is down', async () => {
      const { url, kill } = await server();
      const store = await open(url);
      const idle = store.queue('idle');
      const busy = store.queue('busy');
      const later = await open(url);
      for (const queue of [idle, busy, later.queue('idle')]) queue.onFinished(() => undefined);
      await until(() => busy.add(numbered(2), signal).then(() => true));
      let begun = 0;
      const workers = {
        idle: idle.work(async () => await Promise.resolve(), { concurrency: 1 }),
        busy: busy.work(
          async () => {
            begun += 1;
            await delay(60_000, undefined, { ref: false });
          },
          { concurrency: 1 },
        ),
      };
      await until(() => begun === 1);
      await until(async () => (await idle.status(signal)).workers === 1);
      await kill();
      await delay(100);
      const never = later.queue('late').work(async () => await Promise.resolve(), { concurrency: 1 });
      let before = performance.now();
      await Promise.all([workers.idle.close(), never.close()]);
      expect(performance.now() - before).toBeLessThan(4000);
      before = performance.now();
      await workers.busy.close(true);
      expect(performance.now() - before).toBeLessThan(1500);
      before = performance.now();
      await Promise.all([store.close(), later.close()]);
      expect(performance.now() - before).toBeLessThan(4000);
    });
  });
}

function outages(events: readonly EventBody[]): readonly EventBody[] {
  return events.filter(({ type }) => type === 'queue.down' || type === 'queue.up');
}
