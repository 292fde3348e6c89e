import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Job } from '../../src/model/queues.ts';
import type { JobHandler, JobWorker, QueueStore } from '../../src/queue/contract.ts';
import { until } from '../support/until.ts';
import { type Check, LOCK_MS, numbered, odd, signal, withQueue } from './queue-check.ts';

/** What every store has to keep about work on its jobs. */
export const workChecks: readonly Check[] = [
  {
    promise: 'hands jobs over as they are, oldest first, and counts who works',
    async check({ store }, name) {
      const queue = store.queue(name);
      const jobs = [...numbered(6), { id: 'odd', name: 'liste "1a" ü', data: [odd] }];
      await queue.add(jobs, signal);
      const seen: Job[] = [];
      const worker = queue.work(async (job) => void seen.push(job), { concurrency: 1 });
      try {
        await until(() => seen.length === jobs.length, { ms: 3000 });
        expect(seen).toEqual(jobs);
        await until(async () => (await queue.status(signal)).workers === 1, { ms: 1000 });
        await queue.add([{ id: 'late', name: 'n', data: [] }], signal);
        await until(() => seen.length === jobs.length + 1, { ms: 1000 });
      } finally {
        await worker.close();
      }
      await until(async () => (await queue.status(signal)).workers === 0, { ms: 1000 });
    },
    twins: {
      'wraps the data': (store) =>
        withHandler(store, (handle) => (job, stop) => handle({ ...job, data: { data: job.data } }, stop)),
      'leaves a worker behind': (store) => withClose(store, async () => await Promise.resolve()),
    },
  },
  {
    promise: 'does as many jobs at a time as asked for',
    async check({ store }, name) {
      const queue = store.queue(name);
      await queue.add(numbered(12), signal);
      let atWork = 0;
      let most = 0;
      const gate = Promise.withResolvers<void>();
      const worker = queue.work(
        async () => {
          atWork += 1;
          most = Math.max(most, atWork);
          await gate.promise;
          await delay(5);
          atWork -= 1;
        },
        { concurrency: 3 },
      );
      try {
        await until(() => most > 0, { ms: 3000 });
        await until(() => most >= 3, { ms: 800 });
        await delay(50);
        gate.resolve();
        await until(async () => (await queue.status(signal)).completed === 12, { ms: 5000 });
        expect(most).toBe(3);
      } finally {
        gate.resolve();
        await worker.close();
      }
    },
    twins: {
      'does one at a time': (store) => withConcurrency(store, 1),
      'does one more': (store) => withConcurrency(store, 4),
    },
  },
  {
    promise: 'fails a job with the reason and the stack of its error, bounded and otherwise as they are',
    async check({ store }, name) {
      const queue = store.queue(name);
      const errors: Record<string, unknown> = {
        plain: new RangeError('id 17: \u001B[31mred\u0007 \r\n\tñ 🦊'),
        unstorable: new Error('nul \0 half \uD83E!'),
        long: new Error('x'.repeat(100_000)),
        bare: 'a text',
        none: undefined,
        order: Object.assign(new Error('put back'), { name: 'DelayedError' }),
        limited: new Error('bullmq:rateLimitExceeded'),
      };
      const ids = Object.keys(errors);
      await queue.add(
        ids.map((id) => ({ id, name: 'n', data: [] })),
        signal,
      );
      const worker = queue.work(
        async ({ id }) => {
          throw await Promise.resolve(errors[id]);
        },
        { concurrency: 2 },
      );
      try {
        await until(async () => (await queue.status(signal)).failed === ids.length, { ms: 3000 });
        const outcomes = await queue.outcomes(ids, signal);
        const reasons = outcomes.map((one) => (one.state === 'failed' ? one.reason.trimEnd() : one.state));
        expect(reasons).toEqual([
          'id 17: \u001B[31mred\u0007 \r\n\tñ 🦊',
          'nul \uFFFD half \uFFFD!',
          `${'x'.repeat(1999)}…`,
          'a text',
          'undefined',
          'put back',
          'bullmq:rateLimitExceeded',
        ]);
        const [first, , long, bare] = outcomes;
        expect(first).toMatchObject({
          attempts: 1,
          stack: expect.stringMatching(/^RangeError: id 17(.|\r|\n)*\n +at .*queue-work-checks/),
        });
        expect(long?.state === 'failed' && long.stack?.length).toBe(8000);
        expect(bare).toMatchObject({ stack: undefined });
      } finally {
        await worker.close();
      }
    },
    twins: {
      'tells no reason': (store) =>
        withHandler(
          store,
          (handle) => (job, stop) => handle(job, stop).catch(() => Promise.reject(new Error())),
        ),
      'cleans reasons up': (store) =>
        withHandler(
          store,
          (handle) => (job, stop) =>
            handle(job, stop).catch((error: Error | undefined) => {
              throw new Error(String(error?.message).replaceAll(/[^\x20-\x7F]/g, ''));
            }),
        ),
    },
  },
  {
    promise: 'waits at its close for what is at work, and takes nothing more',
    async check({ store }, name) {
      const queue = store.queue(name);
      await queue.add(numbered(6), signal);
      const gate = Promise.withResolvers<void>();
      const begun: string[] = [];
      const worker = queue.work(
        async ({ id }, stop) => {
          begun.push(id);
          await gate.promise;
          if (stop.aborted) throw new Error('stopped');
          if (id === 'job-2') throw new Error('late refusal');
        },
        { concurrency: 2 },
      );
      await until(() => begun.length === 2, { ms: 3000 });
      let closed = false;
      const closing = Promise.all([worker.close(), worker.close()]).then(() => (closed = true));
      try {
        await delay(100);
        expect(closed).toBe(false);
      } finally {
        gate.resolve();
        await closing;
      }
      expect((await queue.outcomes(['job-1', 'job-2', 'job-3'], signal)).map(({ state }) => state)).toEqual([
        'completed',
        'failed',
        'pending',
      ]);
      expect(begun).toEqual(['job-1', 'job-2']);
      await worker.close();
    },
    twins: {
      'does not wait': (store) => withClose(store, (worker) => worker.close(true)),
      'goes on with what waits': (store) =>
        withClose(store, async (worker) => {
          await delay(150);
          await worker.close();
        }),
    },
  },
  {
    promise: 'lets go at once when closed by force: the signals abort, and nothing is told of the jobs',
    async check({ store }, name) {
      const queue = store.queue(name);
      await queue.add(numbered(3), signal);
      const begun: string[] = [];
      const worker = queue.work(
        async ({ id }, stop) => {
          begun.push(id);
          await new Promise((_, reject) => {
            if (id === 'job-1') stop.addEventListener('abort', () => reject(new Error('stopped')));
          });
        },
        { concurrency: 2 },
      );
      await until(() => begun.length === 2, { ms: 3000 });
      const draining = worker.close();
      const closed = await Promise.race([
        Promise.all([worker.close(true), draining]).then(() => 'closed'),
        delay(1500, 'still waiting', { ref: false }),
      ]);
      expect(closed).toBe('closed');
      await delay(50);
      expect(await queue.outcomes(['job-1', 'job-2', 'job-3'], signal)).toEqual(
        [1, 2, 3].map(() => ({ state: 'pending' })),
      );
    },
    twins: {
      'waits all the same': (store) =>
        withClose(store, async (worker) => {
          void worker.close(true);
          await delay(1800);
        }),
      'fails what it leaves': (store) => {
        const left = Promise.withResolvers<void>();
        const failing = withHandler(
          store,
          (handle) => (job, stop) => Promise.race([handle(job, stop), left.promise]),
        );
        return withClose(failing, async (worker) => {
          left.reject(new Error('left'));
          await worker.close();
        });
      },
    },
  },
  {
    promise: 'lets two workers share the jobs, each job once',
    async check({ store }, name) {
      const queue = store.queue(name);
      const seen = { one: 0, other: 0 };
      const done = new Map<string, number>();
      const workAs = (who: keyof typeof seen) =>
        queue.work(
          async ({ id }) => {
            seen[who] += 1;
            done.set(id, (done.get(id) ?? 0) + 1);
            await delay(5);
          },
          { concurrency: 2 },
        );
      const workers = [workAs('one'), workAs('other')];
      try {
        await until(async () => (await queue.status(signal)).workers === 2, { ms: 3000 });
        await queue.add(numbered(60), signal);
        await until(async () => (await queue.status(signal)).completed === 60, { ms: 8000 });
        expect(done.size).toBe(60);
        expect(new Set(done.values())).toEqual(new Set([1]));
        expect(Math.min(seen.one, seen.other)).toBeGreaterThan(5);
      } finally {
        await Promise.all(workers.map((worker) => worker.close()));
      }
    },
    twins: {
      'does each job twice': (store) =>
        withHandler(store, (handle) => async (job, stop) => {
          await handle(job, stop);
          await handle(job, stop);
        }),
    },
  },
  {
    promise: 'tells a handler that its job was lost, and has it done again',
    async check({ store, steal }, name) {
      const queue = store.queue(name);
      await queue.add(numbered(1), signal);
      let tries = 0;
      let lost: boolean | undefined;
      const worker = queue.work(
        async (_job, stop) => {
          tries += 1;
          if (tries > 1) return;
          await delay(4 * LOCK_MS, undefined, { signal: stop, ref: false }).catch(() => undefined);
          lost = stop.aborted;
          throw new Error('told of too late');
        },
        { concurrency: 1 },
      );
      try {
        await until(() => tries === 1, { ms: 3000 });
        await steal(name, 'job-1');
        await until(() => lost, { ms: 1.25 * LOCK_MS });
        await until(async () => (await queue.status(signal)).completed === 1, { ms: 4 * LOCK_MS });
        expect((await queue.status(signal)).failed).toBe(0);
        expect(tries).toBe(2);
      } finally {
        await worker.close(true);
      }
    },
    twins: {
      'keeps it to itself': (store) =>
        withHandler(store, (handle) => (job) => handle(job, new AbortController().signal)),
    },
  },
  {
    promise: 'gives a job to another worker when the process of the first was killed',
    async check({ afterKill }, name) {
      const [job] = numbered(1);
      if (job === undefined) throw new Error('no job');
      const store = await afterKill(name, job);
      const queue = store.queue(name);
      expect(await queue.outcomes([job.id], signal)).toEqual([{ state: 'pending' }]);
      expect(await queue.status(signal)).toMatchObject({ waiting: 0, active: 1 });
      const seen: Job[] = [];
      const worker = queue.work(async (one) => void seen.push(one), { concurrency: 1 });
      try {
        await until(() => seen.length > 0, { ms: 4 * LOCK_MS });
        await until(async () => (await queue.status(signal)).completed === 1);
        expect(seen).toEqual([job]);
      } finally {
        await worker.close();
      }
    },
    twins: {
      'fails what a killed worker left': (store) =>
        withQueue(store, (queue) => ({
          ...queue,
          outcomes: async (ids) => {
            await Promise.resolve();
            return ids.map(() => ({ state: 'failed', reason: 'killed', stack: undefined, attempts: 1 }));
          },
        })),
    },
  },
];

function withHandler(store: QueueStore, change: (handle: JobHandler) => JobHandler): QueueStore {
  return withQueue(store, (queue) => ({
    ...queue,
    work: (handle, options) => queue.work(change(handle), options),
  }));
}

function withConcurrency(store: QueueStore, concurrency: number): QueueStore {
  return withQueue(store, (queue) => ({ ...queue, work: (handle) => queue.work(handle, { concurrency }) }));
}

function withClose(store: QueueStore, close: (worker: JobWorker) => Promise<void>): QueueStore {
  return withQueue(store, (queue) => ({
    ...queue,
    work(handle, options) {
      const worker = queue.work(handle, options);
      return { close: () => close(worker) };
    },
  }));
}
