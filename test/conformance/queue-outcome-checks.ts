import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { JobOutcome } from '../../src/model/queues.ts';
import type { JobQueue, QueueStore } from '../../src/queue/contract.ts';
import { until } from '../support/until.ts';
import { type Check, numbered, signal, withQueue } from './queue-check.ts';

const idsOf = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id);

/** What every store has to keep about the outcomes of jobs (S13). */
export const outcomeChecks: readonly Check[] = [
  {
    promise: 'tells where each job stands, in the order of the ids',
    async check({ store }, name) {
      const queue = store.queue(name);
      const [held, release] = latch();
      expect(await queue.outcomes(['job-1'], signal)).toEqual([{ state: 'missing' }]);
      await queue.add(numbered(5), signal);
      const worker = queue.work(
        async ({ id }) => {
          if (id === 'job-2') throw new Error('no such person');
          if (id === 'job-3') await held;
        },
        { concurrency: 1 },
      );
      try {
        await until(async () => (await queue.status(signal)).failed === 1, { ms: 3000 });
        const asked = ['nope', 'job-5', 'job-3', 'job-2', 'job-1', 'job-5'];
        const [nope, ...known] = await queue.outcomes(asked, signal);
        expect(nope).toEqual({ state: 'missing' });
        expect(known).toEqual([
          { state: 'pending' },
          { state: 'pending' },
          {
            state: 'failed',
            reason: 'no such person',
            stack: expect.stringMatching(/^Error: no such person\n +at /),
            attempts: 1,
          },
          { state: 'completed' },
          { state: 'pending' },
        ]);
        expect(await queue.outcomes([], signal)).toEqual([]);
      } finally {
        release();
        await worker.close();
      }
    },
    twins: {
      'mixes up the order': (store) => withOutcomes(store, (outcomes) => outcomes.toReversed()),
      'takes unknown jobs for waiting ones': (store) => withEach(store, 'missing', { state: 'pending' }),
      'takes failed jobs for done': (store) => withEach(store, 'failed', { state: 'completed' }),
      'takes active jobs for lost': (store) => withEach(store, 'pending', { state: 'missing' }),
    },
  },
  {
    promise: 'tells where jobs stand in a queue that is paused',
    async check({ store, pause }, name) {
      const queue = store.queue(name);
      await queue.add(numbered(2), signal);
      await pause(name);
      await queue.add(numbered(4), signal);
      const outcomes = await queue.outcomes(idsOf(numbered(5)), signal);
      expect(outcomes.map(({ state }) => state)).toEqual([...numbered(4).map(() => 'pending'), 'missing']);
    },
    twins: {
      'looks only among what may be taken': (store) => withEach(store, 'pending', { state: 'missing' }),
    },
  },
  {
    promise: 'tells where hundreds of jobs stand in one go',
    async check({ store }, name) {
      const queue = store.queue(name);
      await queue.add(numbered(1200), signal);
      const outcomes = await queue.outcomes(idsOf(numbered(1300)), signal);
      expect(outcomes.filter(({ state }) => state === 'pending')).toHaveLength(1200);
      expect(outcomes.slice(1200).every(({ state }) => state === 'missing')).toBe(true);
    },
    twins: {
      'looks at the first hundred': (store) =>
        withOutcomes(store, (outcomes) =>
          outcomes.map((outcome, at) => (at < 100 ? outcome : { state: 'missing' })),
        ),
    },
  },
  {
    promise: 'never loses sight of a job that moves while it is asked for',
    async check({ store }, name) {
      const queue = store.queue(name);
      const jobs = numbered(60);
      await queue.add(jobs, signal);
      const worker = queue.work(
        async ({ id }) => {
          await delay(id.endsWith('0') ? 30 : 1);
          if (id.endsWith('7')) throw new Error('seven');
        },
        { concurrency: 5 },
      );
      try {
        const seen = new Map<string, string>();
        await until(
          async () => {
            const outcomes = await queue.outcomes(idsOf(jobs), signal);
            for (const [at, { state }] of outcomes.entries()) {
              const id = jobs[at]?.id ?? '';
              // Finished is finished.
              const before = seen.get(id) ?? 'pending';
              seen.set(
                id,
                before === 'pending' ? state : before === state ? state : `${before}, then ${state}`,
              );
            }
            return outcomes.every(({ state }) => state !== 'pending');
          },
          { every: 0 },
        );
        expect([...new Set(seen.values())].toSorted()).toEqual(['completed', 'failed']);
        expect([...seen.values()].filter((state) => state === 'failed')).toHaveLength(6);
      } finally {
        await worker.close();
      }
    },
    twins: {
      'looks into one place after the other': (store) =>
        withQueue(store, (queue) => ({ ...queue, outcomes: (ids, stop) => lookAround(queue, ids, stop) })),
    },
  },
  {
    promise: 'wakes its listeners soon after jobs finished, not for each of many, and not when they left',
    async check({ store }, name) {
      const queue = store.queue(name);
      let wakes = 0;
      let others = 0;
      const leave = queue.onFinished(() => (wakes += 1));
      const leaveToo = queue.onFinished(() => (others += 1));
      const worker = queue.work(async () => await Promise.resolve(), { concurrency: 5 });
      const finish = async (prefix: string, count: number) => {
        const jobs = numbered(count).map(({ id, data }) => ({ id: `${prefix}-${id}`, name: 'n', data }));
        await queue.add(jobs, signal);
        await until(async () =>
          (await queue.outcomes(idsOf(jobs), signal)).every(({ state }) => state === 'completed'),
        );
      };
      try {
        let tries = 0;
        await until(
          async () => {
            await finish(`first-${(tries += 1)}`, 1);
            return wakes > 0 && others > 0;
          },
          { ms: 1500, every: 50 },
        );
        wakes = 0;
        const before = performance.now();
        await finish('many', 60);
        await until(() => wakes > 0, { ms: 1500 });
        expect(wakes).toBeLessThanOrEqual((performance.now() - before) / 50 + 2);
        leave();
        leave();
        const heard = wakes;
        const otherHeard = others;
        await finish('later', 2);
        await until(() => others > otherHeard, { ms: 1500 });
        expect(wakes).toBe(heard);
      } finally {
        leave();
        leaveToo();
        await worker.close();
      }
    },
    twins: {
      'never wakes': (store) =>
        withQueue(store, (queue) => ({ ...queue, onFinished: () => () => undefined })),
      'wakes a hundred times': (store) =>
        withQueue(store, (queue) => ({
          ...queue,
          onFinished: (wake) =>
            queue.onFinished(() => {
              for (let times = 0; times < 100; times += 1) wake();
            }),
        })),
      'forgets to stop': (store) =>
        withQueue(store, (queue) => ({
          ...queue,
          onFinished(wake) {
            queue.onFinished(wake);
            return () => undefined;
          },
        })),
    },
  },
  {
    promise: 'has the right outcomes though all its events are lost',
    async check({ store }, name) {
      const queue = withQueue(store, (full) => ({ ...full, onFinished: () => () => undefined })).queue(name);
      const jobs = numbered(20);
      const leave = queue.onFinished(() => expect.fail('an event'));
      await queue.add(jobs, signal);
      const worker = queue.work(async () => await Promise.resolve(), { concurrency: 5 });
      try {
        await until(async () => (await queue.status(signal)).completed === jobs.length, { ms: 3000 });
        const outcomes = await queue.outcomes(idsOf(jobs), signal);
        expect(outcomes.every(({ state }) => state === 'completed')).toBe(true);
      } finally {
        leave();
        await worker.close();
      }
    },
    twins: {
      'believes its events alone': (store) => withEach(store, 'completed', { state: 'pending' }),
    },
  },
];

function latch(): [Promise<void>, () => void] {
  const { promise, resolve } = Promise.withResolvers<void>();
  return [promise, resolve];
}

function withOutcomes(
  store: QueueStore,
  change: (outcomes: readonly JobOutcome[]) => readonly JobOutcome[],
): QueueStore {
  return withQueue(store, (queue) => ({
    ...queue,
    outcomes: async (ids, stop) => change(await queue.outcomes(ids, stop)),
  }));
}

function withEach(store: QueueStore, state: JobOutcome['state'], instead: JobOutcome): QueueStore {
  return withOutcomes(store, (outcomes) => outcomes.map((one) => (one.state === state ? instead : one)));
}

async function lookAround(
  queue: JobQueue,
  ids: readonly string[],
  stop: AbortSignal,
): Promise<readonly JobOutcome[]> {
  const waiting = new Set(idsOf(await queue.peek(1000, stop)));
  const outcomes = await queue.outcomes(ids, stop);
  return outcomes.map((one, at) =>
    one.state === 'pending' && !waiting.has(ids[at] ?? '') ? { state: 'missing' } : one,
  );
}
