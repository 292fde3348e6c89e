import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRetries } from '../../src/controller/retry.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { QueueStore } from '../../src/queue/contract.ts';
import type { Sink } from '../../src/sink/contract.ts';
import { createSink } from '../../src/sink/registry.ts';
import type { Store } from '../../src/store/store.ts';
import { createOutage } from '../../src/sync/outage.ts';
import { consumeWith, deadPerson, importer, lettersOn, openQueue } from '../support/letters.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';
import { until } from '../support/until.ts';

// S12, S13: a retry is a chunk of its own, and the states of the queue decide what became of it.

let redis: TestRedis;
beforeAll(async () => {
  if (hasRedis()) redis = await startRedis();
});
afterAll(async () => await redis?.stop());

let queue: QueueStore;
let store: Store;
beforeEach(async (context) => {
  if (!hasRedis()) context.skip('no redis-server on PATH');
  queue = await openQueue(redis.url);
  await queue.queue(importer.queue).obliterate(AbortSignal.timeout(5000));
  store = openIn(storeFolder());
});

describe('a retry', () => {
  test('publishes the record alone, under an id of its own, to where it was bound for; delivered, the letter is gone', async () => {
    store.deadLetters.add('r0123456789a', [deadPerson('a')], 1, importer);
    const taken = consumeWith(queue);
    const { book, told, events } = lettersOn(store, queue);
    expect(book.command({ type: 'retry', letters: [1] })).toEqual({
      done: true,
      message: '1 dead letter on the way again',
    });
    await until(() => book.counts().size === 0);
    expect(taken).toEqual([
      { id: 'r0123456789a-4-0-a-r1', name: 'ORI_PERSON_CHANNEL', data: [{ id: 'a', name: 'Ann' }] },
    ]);
    await until(() => told().length > 0);
    expect(told()).toEqual(['dead letter 1 (a) was retried and was delivered']);
    await until(() => events.at(-1)?.type === 'letters.changed');
    expect(events.at(-1)).toEqual({ type: 'letters.changed', letters: 0 });
  });

  test('that fails again leaves the letter with the new reason, and the next one has another id', async () => {
    store.deadLetters.add('r0123456789a', [deadPerson('a')], 1, importer);
    let isBad = true;
    const taken = consumeWith(queue, () => (isBad ? 'still bad' : undefined));
    const { book, told } = lettersOn(store, queue);
    book.command({ type: 'retry', letters: [1] });
    await until(() => book.show(1)?.reason === 'still bad');
    expect(book.show(1)).toMatchObject({ attempts: 6, first: 1, isRetrying: false, retries: 1 });
    expect(book.show(1)?.last).toBeGreaterThan(1_700_000_000_000);
    expect(told()).toEqual(['dead letter 1 (a) was retried and died again: still bad']);
    isBad = false;
    book.command({ type: 'retry', letters: [1] });
    await until(() => book.counts().size === 0);
    expect(new Set(taken.map(({ id }) => id))).toEqual(
      new Set(['r0123456789a-4-0-a-r1', 'r0123456789a-4-0-a-r2']),
    );
  });

  test('of hundreds at once sees the end of each', async () => {
    const letters = Array.from({ length: 150 }, (_, i) => deadPerson(`k${i}`));
    store.deadLetters.add('r1', letters, 1, importer);
    const taken = consumeWith(queue, (data) =>
      JSON.stringify(data).includes('"k7"') ? 'bad for ever' : undefined,
    );
    const { book, retries } = lettersOn(store, queue);
    book.command({ type: 'retry', letters: book.list({}).map(({ id }) => id) });
    await retries.idle();
    expect(book.list({}).map(({ key, reason }) => `${key}: ${reason}`)).toEqual(['k7: bad for ever']);
    expect(new Set(taken.map(({ id }) => id)).size).toBe(150);
  });

  test('for a service that asks for no more than the queue is done when it is queued', async () => {
    store.deadLetters.add('r1', [deadPerson('a')], 1, { ...importer, grade: 'queued' });
    const { book, retries, told } = lettersOn(store, queue);
    book.command({ type: 'retry', letters: [1] });
    await retries.idle();
    expect(book.counts().size).toBe(0);
    expect(told()).toEqual(['dead letter 1 (a) was retried and is in the queue importer-queue again']);
    expect(await queue.queue(importer.queue).peek(5, AbortSignal.timeout(5000))).toHaveLength(1);
  });

  test('goes on after a restart, whatever became of it meanwhile', async () => {
    store.deadLetters.add('r1', [deadPerson('a'), deadPerson('b'), deadPerson('c')], 1, importer);
    const before = lettersOn(store, queue);
    before.book.command({ type: 'retry', letters: [1, 2] });
    await until(async () => {
      const { waiting } = await queue.queue(importer.queue).status(AbortSignal.timeout(5000));
      return waiting === 2;
    });
    await before.retries.close();
    expect(store.deadLetters.underWay()).toEqual([1, 2]);
    const taken = consumeWith(queue, (data) => (JSON.stringify(data).includes('"b"') ? 'no' : undefined));
    await until(() => taken.length >= 4);
    // What a kill leaves: a letter that the store says is on its way, and a queue that never got it.
    store.deadLetters.begin(3, 'r1-4-0-c-r1');
    const { book, retries } = lettersOn(store, queue);
    await retries.idle();
    expect(book.list({}).map(({ key, reason }) => `${key}: ${reason}`)).toEqual(['b: no']);
  });

  test('that is on its way already is followed on, not published anew', async () => {
    store.deadLetters.add('r1', [deadPerson('a')], 1, importer);
    const { book, retries } = lettersOn(store, queue);
    book.command({ type: 'retry', letters: [1] });
    book.command({ type: 'retry', letters: [1] });
    const taken = consumeWith(queue);
    await retries.idle();
    expect(taken.map(({ id }) => id)).toEqual(['r0123456789a-4-0-a-r1']);
  });

  test('is published again when the queue lost its data', async () => {
    store.deadLetters.add('r1', [deadPerson('a')], 1, importer);
    const { book, retries } = lettersOn(store, queue);
    book.command({ type: 'retry', letters: [1] });
    const waits = async () =>
      (await queue.queue(importer.queue).status(AbortSignal.timeout(5000))).waiting === 1;
    await until(waits);
    await queue.queue(importer.queue).obliterate(AbortSignal.timeout(5000));
    await queue.dropMarker('retries', AbortSignal.timeout(5000));
    await until(waits);
    consumeWith(queue);
    await retries.idle();
    expect(book.counts().size).toBe(0);
  });

  test('of what the queue will never take dies again', async () => {
    store.deadLetters.add('r1', [deadPerson('a')], 1, importer);
    const unstorable = { ...importer, queue: 'no:colons' };
    store.deadLetters.add('r1', [deadPerson('b')], 1, unstorable);
    const { book, told } = lettersOn(store, queue);
    book.command({ type: 'retry', letters: [2] });
    await until(() => told().length > 0);
    expect(told()[0]).toContain('dead letter 2');
    expect(book.show(2)?.isRetrying).toBe(false);
  });
});

test('a letter without a key is not published, and it is said why', () => {
  store.deadLetters.add(
    'r1',
    [{ service: 'PERSON', key: undefined, reason: 'no key', payload: {} }],
    1,
    importer,
  );
  const { book } = lettersOn(store, queue);
  const answer = book.command({ type: 'retry', letters: [1] });
  expect(answer).toMatchObject({ done: false, mistaken: true });
  expect(answer.message).toContain('dead letter 1 cannot be retried: it has no key');
  expect(book.plan([1])).toMatchObject({ ids: [], refused: [{ id: 1 }], overtaken: 0 });
});

/** Retries a letter whose consumer refuses it. @returns whether it is still there at the end */
async function isKept(openSink: () => Sink): Promise<boolean> {
  store.deadLetters.add('r1', [deadPerson('a')], 1, importer);
  store.deadLetters.begin(1, 'x-r1');
  consumeWith(queue, () => 'bad');
  const parts = { letters: store.deadLetters, openSink, clock: systemClock, emit: () => {} };
  const retries = createRetries({ ...parts, outage: createOutage('q', systemClock, () => {}) });
  retries.follow(1);
  await retries.idle();
  return store.deadLetters.count() === 1;
}

const realSink = (): Sink =>
  createSink(undefined, { store: queue, queue: importer.queue, jobName: importer.job, grade: 'processed' });

test('a letter is never gone before a consumer has finished it', async () => {
  expect(await isKept(realSink)).toBe(true);
});

test('twin: with a sink that takes queued for finished it is', async () => {
  expect(
    await isKept(() => ({
      ...realSink(),
      outcomes: (ids) => Promise.resolve(ids.map(() => ({ state: 'completed' }))),
    })),
  ).toBe(false);
});
