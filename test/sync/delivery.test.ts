import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { QueueError, RunError } from '../../src/model/errors.ts';
import type { SourceRecord } from '../../src/model/record.ts';
import { createDelivery, lettersOf } from '../../src/sync/delivery.ts';
import { createOutage } from '../../src/sync/outage.ts';
import { createWatch } from '../../src/sync/watch.ts';
import { createFastClock } from '../support/fast-clock.ts';
import { createProcessingSink } from '../support/processing-sink.ts';
import { until } from '../support/until.ts';

const clock = createFastClock(100);
const never = new AbortController().signal;
const records = (count: number): SourceRecord[] =>
  Array.from({ length: count }, (_, at) => ({ key: `k${at}`, version: at, value: { id: at } }));

function world({ onDead = () => {} }: { onDead?: (reason: string) => void } = {}) {
  const sink = createProcessingSink();
  const outage = createOutage(sink.name, clock, () => {});
  const unconfirmed = { value: 0 };
  const drain = new AbortController();
  const receipts = new Map<string, number>();
  const watch = createWatch({ sink, runId: 'r1', outage, clock, giveUpMs: undefined, onWaiting: () => {} });
  const processing = {
    watch,
    receipts: {
      add: (id: string, page: number) => void receipts.set(id, page),
      remove(ids: readonly string[]) {
        for (const id of ids) receipts.delete(id);
      },
    },
    onDead,
    drain: drain.signal,
  };
  const delivery = createDelivery({ runId: 'r1', sink, outage, unconfirmed, processing });
  const queued = createDelivery({ runId: 'r1', sink, outage, unconfirmed });
  return { sink, delivery, queued, unconfirmed, drain, receipts };
}

describe('a page', () => {
  test('is delivered when the queue holds it, for a sink that only holds chunks', async () => {
    const { sink, queued, unconfirmed } = world();
    sink.working = false;
    expect(await queued.deliver(0, records(3), never)).toEqual([]);
    expect(sink.chunks.size).toBe(1);
    expect(unconfirmed.value).toBe(0);
  });

  test('of nothing is delivered at once', async () => {
    expect(await world().delivery.deliver(0, [], never)).toEqual([]);
  });

  test('counts its bytes until consumers have finished it', async () => {
    const { sink, delivery, unconfirmed } = world();
    sink.working = false;
    const delivered = delivery.deliver(0, records(1500), never);
    await until(() => sink.chunks.size === 2);
    expect(unconfirmed.value).toBeGreaterThan(10_000);
    sink.work();
    await turn();
    expect(unconfirmed.value).toBeGreaterThan(10_000);
    sink.work();
    await delivered;
    expect(unconfirmed.value).toBe(0);
  });

  test('has a receipt for each chunk before the queue has it, until all of it is finished', async () => {
    const { sink, delivery, receipts } = world();
    sink.working = false;
    const publish = sink.publish.bind(sink);
    sink.publish = async (chunks, signal) => {
      for (const { id } of chunks) expect(receipts.get(id)).toBe(7);
      await publish(chunks, signal);
    };
    const delivered = delivery.deliver(7, records(1500), never);
    await until(() => sink.chunks.size === 2);
    sink.work();
    await turn();
    expect(receipts.size).toBe(2);
    sink.work();
    await delivered;
    expect(receipts.size).toBe(0);
  });

  test('gives back its dead records, each with the chunk in which it stood alone', async () => {
    const { sink, delivery, receipts } = world();
    sink.refuses = (value) => (JSON.stringify(value) === '{"id":2}' ? 'bad' : undefined);
    const fresh = records(4);
    const refused = await delivery.deliver(0, fresh, never);
    expect(lettersOf('S', refused, fresh)).toMatchObject([
      { service: 'S', key: 'k2', reason: 'bad', payload: { id: 2 }, chunk: expect.stringMatching(/-b-a$/) },
    ]);
    expect(receipts.size).toBe(0);
  });
});

describe('a session that drains', () => {
  test('waits for no consumer; receipts and ids stay', async () => {
    const { sink, delivery, receipts, drain, unconfirmed } = world();
    sink.working = false;
    const delivered = delivery.deliver(0, records(3), never);
    await until(() => sink.chunks.size === 1);
    drain.abort();
    await expect(delivered).rejects.toThrow('aborted');
    expect([...receipts.keys()]).toEqual([...sink.chunks.keys()]);
    expect(unconfirmed.value).toBe(0);
  });

  test('in the middle of bisecting publishes the half that is on its way, and nothing once it is over', async () => {
    const { sink, delivery, drain, receipts } = world();
    sink.working = false;
    sink.refuses = () => 'bad';
    const slow = Promise.withResolvers<void>();
    const publish = sink.publish.bind(sink);
    sink.publish = async (chunks, signal) => {
      if (chunks.some(({ id }) => id.endsWith('-b'))) await slow.promise;
      await publish(chunks, signal);
    };
    let isOver = false;
    const delivered = delivery.deliver(0, records(2), never).finally(() => (isOver = true));
    delivered.catch(() => {});
    await until(() => sink.chunks.size === 1);
    sink.work();
    await until(() => sink.chunks.size === 2);
    drain.abort();
    for (let left = 5; left > 0; left -= 1) await turn();
    expect(isOver).toBe(false);
    slow.resolve();
    await expect(delivered).rejects.toThrow('aborted');
    expect(sink.chunks.size).toBe(3);
    expect(receipts.size).toBe(3);
  });
});

describe('a run that may bury no more', () => {
  const enough = new RunError('enough', { code: 'run.too_many_dead', recovery: 'stop' });

  test('ends what else is on its way with the page, and says why, not that it was ended', async () => {
    const { sink, delivery } = world({
      onDead() {
        throw enough;
      },
    });
    const publish = sink.publish.bind(sink);
    // The first chunk never gets through: only its end by the second's failure can end it.
    sink.publish = async (chunks, signal) => {
      if (!chunks.some(({ id }) => id.startsWith('r1-0-0-'))) return await publish(chunks, signal);
      if (signal.aborted) throw new DOMException('aborted', 'AbortError');
      throw new QueueError('down', { code: 'queue.failed', recovery: 'retry' });
    };
    sink.refuses = () => 'bad';
    await expect(delivery.deliver(0, records(1001), never)).rejects.toBe(enough);
    const before = sink.publishes.size;
    for (let left = 5; left > 0; left -= 1) await turn();
    expect(sink.publishes.size).toBe(before);
  });
});
