import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isAbort, QueueError } from '../../src/model/errors.ts';
import type { Job } from '../../src/model/queues.ts';
import { until } from '../support/until.ts';
import {
  type Check,
  nothing,
  numbered,
  odd,
  outcome,
  signal,
  type StoreWorld,
  withAdd,
  withQueue,
} from './queue-check.ts';
import { outcomeChecks } from './queue-outcome-checks.ts';
import { workChecks } from './queue-work-checks.ts';

/**
 * What every QueueStore has to keep. The world is opened once; each check has a queue of its own. `missing` is why
 * there can be no world here, and every check is skipped.
 */
export function describeQueueStore(
  name: string,
  openWorld: () => Promise<StoreWorld>,
  missing?: string,
): void {
  describe(name, () => {
    let world: StoreWorld;
    let queues = 0;
    beforeAll(async () => {
      if (missing === undefined) world = await openWorld();
    });
    beforeEach((context) => {
      if (missing !== undefined) context.skip(missing);
    });
    afterAll(() => world?.close());

    for (const { promise, check, twins } of [...checks, ...outcomeChecks, ...workChecks]) {
      test(promise, () => check(world, `check-${(queues += 1)}`));
      for (const [how, twin] of Object.entries(twins))
        test(`${promise}; twin: ${how}`, async () => {
          const broken: StoreWorld = {
            ...world,
            store: twin(world.store),
            other: async () => twin(await world.other()),
            afterKill: async (...job) => twin(await world.afterKill(...job)),
          };
          const thrown = await check(broken, `twin-${(queues += 1)}`).catch((error: unknown) => error);
          // Failed by the check itself, not by a mishap on the way to it.
          expect(String(thrown)).toMatch(/^AssertionError|did not come true/);
        });
    }
  });
}

const checks: readonly Check[] = [
  {
    promise: 'keeps every job once, with its id, its name and its data, oldest first',
    async check({ store }, name) {
      const queue = store.queue(name);
      const jobs = numbered(7);
      await queue.add(jobs.slice(0, 1), signal);
      await queue.add(jobs.slice(1, 6), signal);
      await queue.add(jobs.slice(6), signal);
      await queue.add([], signal);
      expect(await queue.peek(100, signal)).toEqual(jobs);
      expect(await queue.peek(2, signal)).toEqual(jobs.slice(0, 2));
      expect(await queue.peek(0, signal)).toEqual([]);
      expect((await queue.status(signal)).waiting).toBe(7);
    },
    twins: {
      'loses the last job of a bulk': (store) =>
        withAdd(store, (jobs) => (jobs.length > 1 ? jobs.slice(0, -1) : jobs)),
      'mixes up names': (store) => withAdd(store, (jobs) => jobs.map((job) => ({ ...job, name: 'job' }))),
      'wraps the data': (store) =>
        withAdd(store, (jobs) => jobs.map((job) => ({ ...job, data: { data: job.data } }))),
      'adds the newest first': (store) => withAdd(store, (jobs) => jobs.toReversed()),
      'peeks at the newest': (store) =>
        withQueue(store, (queue) => ({
          ...queue,
          peek: async (count, stop) => (await queue.peek(100, stop)).slice(-count || 100),
        })),
    },
  },
  {
    promise: 'leaves a job as it is when its id is added again',
    async check({ store }, name) {
      const queue = store.queue(name);
      const jobs = numbered(4);
      await queue.add(jobs, signal);
      await queue.add(jobs.slice(0, 1), signal);
      await queue.add(
        jobs.map((job) => ({ ...job, data: ['newer'] })),
        signal,
      );
      await Promise.all([queue.add(jobs, signal), queue.add(jobs, signal)]);
      expect(await queue.peek(100, signal)).toEqual(jobs);
    },
    twins: {
      'takes no notice of ids': (store) => {
        let added = 0;
        return withAdd(store, (jobs) => jobs.map((job) => ({ ...job, id: `${job.id}-${(added += 1)}` })));
      },
    },
  },
  {
    promise: 'does not add an id again whose job is finished',
    async check({ store, work }, name) {
      const queue = store.queue(name);
      const seen: string[] = [];
      const worker = await work(name, async ({ id, data }) => {
        seen.push(id);
        if (JSON.stringify(data).includes('text 1')) throw new Error('refused');
      });
      try {
        await queue.add(numbered(3), signal);
        await until(async () => (await queue.status(signal)).completed === 2);
        await until(async () => (await queue.status(signal)).failed === 1);
        await queue.add(numbered(3), signal);
        expect(await queue.status(signal)).toMatchObject({ waiting: 0, active: 0, completed: 2, failed: 1 });
        expect(seen.toSorted()).toEqual(['job-1', 'job-2', 'job-3']);
      } finally {
        await worker.close();
      }
    },
    twins: {
      'takes no notice of ids': (store) => {
        let added = 0;
        return withAdd(store, (jobs) => jobs.map((job) => ({ ...job, id: `${job.id}-${(added += 1)}` })));
      },
    },
  },
  {
    promise: 'carries a job of 1 MB and a bulk of 300',
    async check({ store }, name) {
      const queue = store.queue(name);
      const large = {
        id: 'large',
        name: 'n',
        data: Array.from({ length: 1000 }, (_, i) => ({ i, text: 'ö'.repeat(400) })),
      };
      await queue.add([large], signal);
      await queue.add(numbered(300), signal);
      expect(await queue.peek(1, signal)).toEqual([large]);
      expect((await queue.status(signal)).waiting).toBe(301);
    },
    twins: {
      'cuts long data': (store) =>
        withAdd(store, (jobs) =>
          jobs.map((job) => ({ ...job, data: Array.isArray(job.data) ? job.data.slice(0, 900) : job.data })),
        ),
      'takes the first hundred only': (store) => withAdd(store, (jobs) => jobs.slice(0, 100)),
    },
  },
  {
    promise: 'gives odd data back as it was, to a worker too',
    async check({ store, work }, name) {
      const queue = store.queue(name);
      const job = { id: 'r1-2-0-abc', name: 'liste "1a" ü', data: [odd] };
      await queue.add([job], signal);
      expect(await queue.peek(1, signal)).toEqual([job]);
      const taken: Job[] = [];
      const worker = await work(name, async (got) => void taken.push(got));
      await until(() => taken.length === 1);
      await worker.close();
      expect(taken).toEqual([job]);
    },
    twins: {
      'normalizes texts': (store) =>
        withAdd(store, (jobs) =>
          jobs.map((job) => ({ ...job, data: JSON.parse(JSON.stringify(job.data).normalize()) })),
        ),
      'drops empty texts': (store) =>
        withAdd(store, (jobs) =>
          jobs.map((job) => ({
            ...job,
            data: JSON.parse(JSON.stringify(job.data).replaceAll('""]', 'null]')),
          })),
        ),
    },
  },
  {
    promise: 'lets a BullMQ worker take each job once, and counts what waits, what is done and who works',
    async check({ store, work }, name) {
      const queue = store.queue(name);
      await queue.add(numbered(20), signal);
      expect(await queue.status(signal)).toEqual({ ...nothing(name), waiting: 20 });
      const seen: Job[] = [];
      const held = Promise.withResolvers<void>();
      const worker = await work(name, async (job) => {
        seen.push(job);
        await held.promise;
      });
      try {
        await until(async () => (await queue.status(signal)).active === 1);
        expect(await queue.status(signal)).toEqual({ ...nothing(name), waiting: 19, active: 1, workers: 1 });
        held.resolve();
        await until(async () => (await queue.status(signal)).completed === 20);
        expect(seen).toEqual(numbered(20));
        expect(await queue.peek(5, signal)).toEqual([]);
      } finally {
        held.resolve();
        await worker.close();
      }
      await until(async () => (await queue.status(signal)).workers === 0);
    },
    twins: {
      'counts nothing': (store) =>
        withQueue(store, (queue) => ({ ...queue, status: async () => await Promise.resolve(nothing('x')) })),
      'sees no workers': (store) =>
        withQueue(store, (queue) => ({
          ...queue,
          status: async (s) => ({ ...(await queue.status(s)), workers: 0 }),
        })),
    },
  },
  {
    promise: 'counts what waits in a queue that is paused',
    async check({ store, pause }, name) {
      const queue = store.queue(name);
      await queue.add(numbered(3), signal);
      await pause(name);
      await queue.add(numbered(5), signal);
      expect(await queue.status(signal)).toEqual({ ...nothing(name), waiting: 5 });
      expect(await queue.peek(10, signal)).toEqual(numbered(5));
    },
    twins: {
      'counts what may be taken': (store) =>
        withQueue(store, (queue) => ({
          ...queue,
          status: async (s) => ({ ...(await queue.status(s)), waiting: 0 }),
        })),
    },
  },
  {
    promise: 'refuses an id or a queue name that BullMQ cannot hold, and adds nothing then',
    async check({ store }, name) {
      const queue = store.queue(name);
      for (const id of ['', '17', 'a:b', 'a:b:c']) {
        const thrown = await outcome(
          queue.add(
            [
              { id: 'good', name: 'n', data: [] },
              { id, name: 'n', data: [] },
            ],
            signal,
          ),
        );
        expect(thrown).toMatchObject({ recovery: 'stop' });
      }
      expect((await queue.status(signal)).waiting).toBe(0);
      expect(() => store.queue('a:b')).toThrow(QueueError);
    },
    twins: {
      'leaves bad ids out': (store) => withAdd(store, (jobs) => jobs.filter(({ id }) => /^[a-z]+$/.test(id))),
    },
  },
  {
    promise: 'says so when a record cannot be put as JSON',
    async check({ store }, name) {
      const thrown = await outcome(
        store.queue(name).add([{ id: 'big', name: 'n', data: [{ n: 1n }] }], signal),
      );
      expect(thrown).toMatchObject({ code: 'queue.unstorable', recovery: 'skip' });
    },
    twins: {
      'puts texts for numbers': (store) =>
        withAdd(store, (jobs) => jobs.map((job) => ({ ...job, data: [] }))),
    },
  },
  {
    promise: 'stops at once with an AbortError when its signal aborts',
    async check({ store }, name) {
      const queue = store.queue(name);
      const before = AbortSignal.abort(new Error('quit'));
      const work = [
        queue.add(numbered(1), before),
        queue.status(before),
        store.ping(before),
        store.list(before),
      ];
      for (const thrown of await Promise.all(work.map(outcome))) expect(isAbort(thrown)).toBe(true);
      const later = new AbortController();
      const add = outcome(queue.add(numbered(2), later.signal));
      later.abort();
      expect(isAbort(await add)).toBe(true);
      // Cancelled means unknown, not undone: the same ids again are right in either case.
      await queue.add(numbered(2), signal);
      expect((await queue.status(signal)).waiting).toBe(2);
    },
    twins: {
      'takes no notice of the signal': (store) =>
        withQueue(store, (queue) => ({ ...queue, add: (jobs) => queue.add(jobs, signal) })),
    },
  },
  {
    promise: 'remembers the runs that left a marker, and no others',
    async check({ store }, name) {
      await store.putMarker(`r${name}`, signal);
      await store.putMarker(`r${name}`, signal);
      expect(await store.hasMarker(`r${name}`, signal)).toBe(true);
      expect(await store.hasMarker(`r${name}x`, signal)).toBe(false);
    },
    twins: {
      'remembers everything': (store) => ({ ...store, hasMarker: async () => await Promise.resolve(true) }),
      'remembers nothing': (store) => ({ ...store, hasMarker: async () => await Promise.resolve(false) }),
    },
  },
  {
    promise: 'lists the queues that were used, and no markers',
    async check({ store }, name) {
      expect(await store.list(signal)).not.toContain(name);
      await store.putMarker('rlist', signal);
      await store.queue(`${name} ü.x`).add(numbered(1), signal);
      await store.queue(`${name}b`).status(signal);
      const names = await store.list(signal);
      expect(names).toContain(`${name} ü.x`);
      expect(names).not.toContain(`${name}b`);
      expect(names.join()).not.toContain('rlist');
      expect(names.join()).not.toContain('sluice');
    },
    twins: {
      'lists markers': (store) => ({ ...store, list: async (s) => [...(await store.list(s)), 'sluice'] }),
      'lists nothing': (store) => ({ ...store, list: async () => await Promise.resolve([]) }),
    },
  },
  {
    promise: 'answers a ping and tells its memory as a share or not at all',
    async check({ store }) {
      await store.ping(signal);
      expect(store.name).toMatch(
        /^(embedded:|redis:\/\/127\.0\.0\.1:\d+|postgres:\/\/127\.0\.0\.1:\d+\/\w+)$/,
      );
      const share = await store.memory(signal);
      if (share !== undefined) expect(share).toBeLessThan(1.5);
    },
    twins: {
      'tells bytes': (store) => ({ ...store, memory: async () => await Promise.resolve(1_000_000) }),
    },
  },
  {
    promise: 'closes more than once, and rejects everything from then on, also what was under way',
    async check({ other }, name) {
      const store = await other();
      const queue = store.queue(name);
      await queue.add(numbered(1), signal);
      const under = outcome(queue.add(numbered(50), signal));
      await Promise.all([store.close(), store.close()]);
      await store.close();
      await under;
      expect(await outcome(queue.add(numbered(1), signal))).toMatchObject({ code: 'queue.closed' });
      expect(await outcome(store.ping(signal))).toMatchObject({ code: 'queue.closed' });
    },
    twins: {
      'never closes': (store) => ({ ...store, close: async () => await Promise.resolve() }),
    },
  },
];
