import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../src/model/events.ts';
import type { DeadLetter, SourceRecord } from '../../src/model/record.ts';
import { noTotals } from '../../src/model/run-totals.ts';
import { noTraffic } from '../../src/model/traffic.ts';
import { createBudget } from '../../src/sync/budget.ts';
import { createDelivery } from '../../src/sync/delivery.ts';
import { createFullQueues } from '../../src/sync/full-queues.ts';
import { createGate } from '../../src/sync/gate.ts';
import { createOutage } from '../../src/sync/outage.ts';
import { createWatch } from '../../src/sync/watch.ts';
import { runWhole, type WholeOutcome } from '../../src/sync/whole-run.ts';
import { createFastClock } from '../support/fast-clock.ts';
import { createProcessingSink } from '../support/processing-sink.ts';
import { until } from '../support/until.ts';

const clock = createFastClock(100);
const never = new AbortController().signal;
const record = (key: string | undefined, more: object = {}): SourceRecord => ({
  key,
  version: 1,
  value: { id: key, ...more },
});

const limits = () => ({ waitingJobs: 10, unconfirmedBytes: 1_000_000 });

function world(records: readonly SourceRecord[]) {
  const sink = createProcessingSink();
  const letters: DeadLetter[] = [];
  const events: EventBody[] = [];
  const emit = (event: EventBody): void => void events.push(event);
  const outage = createOutage(sink.name, clock, emit);
  const unconfirmed = { value: 0 };
  const drain = new AbortController();
  const cancel = new AbortController();
  const run = async (
    known?: string,
    runId = 'r1',
    read = async () => await Promise.resolve(records),
  ): Promise<WholeOutcome> => {
    const watch = createWatch({ sink, runId, outage, clock, giveUpMs: undefined, onWaiting: () => {} });
    const budget = createBudget(0, () => records.length);
    await sink.mark(runId, never);
    const processing = {
      watch,
      receipts: { add: () => {}, remove: () => {} },
      onDead: (reason: string) => budget.spend(reason),
      drain: drain.signal,
    };
    return await runWhole(
      { entry: { key: 'e1', label: 'x' }, service: 'S', runId, known, totals: noTotals },
      {
        source: { read: async () => ({ records: await read(), bytes: 1 }) },
        traffic: () => noTraffic,
        delivery: createDelivery({ runId, sink, outage, unconfirmed, processing }),
        gate: createGate({ sink, outage, limits, unconfirmed, full: createFullQueues(emit), clock }),
        clock,
        emit,
        bury: (some) => void letters.push(...some),
        cancel: cancel.signal,
        drain: drain.signal,
      },
    );
  };
  return { sink, letters, events, drain, cancel, run };
}

describe('a run over all there is', () => {
  test('publishes it, and not again while it stays the same, in whatever order it comes', async () => {
    const { sink, run } = world([record('a'), record('b')]);
    const first = await run();
    expect(first).toMatchObject({ kind: 'complete', totals: { read: 2, published: 2 } });
    const again = await run(first.stamp, 'r2', async () => await Promise.resolve([record('b'), record('a')]));
    expect(again).toMatchObject({
      kind: 'complete',
      stamp: first.stamp,
      totals: { read: 2, published: 0, ignored: 2 },
    });
    expect(sink.chunks.size).toBe(1);
  });

  test('publishes all of it when one record changed, came or went', async () => {
    const { sink, run } = world([record('a'), record('b')]);
    const { stamp } = await run();
    for (const records of [[record('a', { name: 'x' }), record('b')], [record('a')], []]) {
      const next = await run(stamp, `r${sink.chunks.size + 1}`, async () => await Promise.resolve(records));
      expect(next.totals.published).toBe(records.length);
      expect(next.stamp).not.toBe(stamp);
    }
  });

  test('leaves dead what has no key and what consumers refuse, and delivers the rest', async () => {
    const { sink, letters, run } = world([record('a'), record(undefined), record('bad'), record('b')]);
    sink.refuses = (value) => (JSON.stringify(value).includes('bad') ? 'is bad' : undefined);
    const { stamp, totals } = await run();
    expect(totals).toMatchObject({ read: 4, published: 2, deadLetters: 2 });
    expect(letters.map(({ reason }) => reason)).toEqual(['the record has no key', 'is bad']);
    await run(stamp, 'r2');
    expect(letters).toHaveLength(2);
  });

  test('is drained while it waits for consumers, and the next session publishes the same job', async () => {
    const { sink, drain, run } = world([record('a')]);
    sink.working = false;
    const running = run();
    await until(() => sink.chunks.size === 1);
    drain.abort();
    expect(await running).toMatchObject({ kind: 'drained', totals: { published: 0 } });
    const other = world([record('a')]);
    await other.run();
    expect([...other.sink.chunks.keys()]).toEqual([...sink.chunks.keys()]);
  });

  test('is cancelled at any moment, drained or not', async () => {
    const { sink, drain, cancel, run } = world([record('a')]);
    sink.working = false;
    const running = run();
    await until(() => sink.chunks.size === 1);
    cancel.abort();
    drain.abort();
    await expect(running).rejects.toThrow('aborted');
  });
});
