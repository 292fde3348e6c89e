import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/model/clock.ts';
import { QueueError } from '../../src/model/errors.ts';
import type { EventBody } from '../../src/model/events.ts';
import type { Chunk } from '../../src/model/record.ts';
import { createOutage } from '../../src/sync/outage.ts';
import { createWatch, type Watch } from '../../src/sync/watch.ts';
import { manualClock, type ManualClock } from '../state/manual-clock.ts';
import { createFastClock } from '../support/fast-clock.ts';
import { createProcessingSink, type ProcessingSink } from '../support/processing-sink.ts';
import { until } from '../support/until.ts';

const fast = createFastClock(200);
const never = new AbortController().signal;
const chunkOf = (id: string): Chunk => ({ id, keys: [id], values: [id], bytes: 1 });
const [a, b] = [chunkOf('a'), chunkOf('b')];

interface Watched {
  readonly sink: ProcessingSink;
  readonly watch: Watch;
  readonly told: (readonly [chunks: number, workers: number])[];
  readonly events: EventBody[];
}

/** @param clock a fast one unless the test lets time pass itself */
async function watched(giveUpMs?: number, working = false, clock: Clock = fast): Promise<Watched> {
  const sink = createProcessingSink();
  sink.working = working;
  const told: [number, number][] = [];
  const events: EventBody[] = [];
  const outage = createOutage(sink.name, clock, (event) => void events.push(event));
  const onWaiting = (chunks: number, workers: number): void => void told.push([chunks, workers]);
  await sink.mark('r1', never);
  return {
    sink,
    told,
    events,
    watch: createWatch({ sink, runId: 'r1', outage, clock, giveUpMs, onWaiting }),
  };
}

describe('a chunk in the queue', () => {
  test('is finished when its job is, told by the states alone: no event comes', async () => {
    const { sink, watch } = await watched();
    sink.onFinished = () => () => {};
    await sink.publish([a], never);
    const finished = watch.finished(a, never);
    sink.work();
    expect(await finished).toEqual({ state: 'completed' });
  });

  test('was finished before anybody looked', async () => {
    const { sink, watch } = await watched(undefined, true);
    await sink.publish([a], never);
    expect(await watch.finished(a, never)).toEqual({ state: 'completed' });
  });

  test('that failed tells why', async () => {
    const { sink, watch } = await watched();
    sink.refuses = () => 'bad';
    await sink.publish([a], never);
    const finished = watch.finished(a, never);
    sink.work();
    expect(await finished).toEqual({ state: 'failed', reason: 'bad', stack: 'at consumer', attempts: 1 });
  });

  test('is waited for until the signal aborts, and no longer', async () => {
    const { sink, watch } = await watched();
    const stop = new AbortController();
    await sink.publish([a, b], never);
    const first = watch.finished(a, stop.signal);
    const second = watch.finished(b, never);
    await turn();
    stop.abort();
    await expect(first).rejects.toThrow('aborted');
    while (sink.work());
    // Whoever else waits does so under a signal of the same session, or looks anew.
    await second.catch(async () => await watch.finished(b, never));
    await expect(watch.finished(b, stop.signal)).rejects.toThrow('aborted');
  });

  test('leaves nothing behind on the signal, however many there were', async () => {
    const { sink, watch } = await watched(undefined, true);
    const { signal } = new AbortController();
    for (let at = 0; at < 50; at += 1) {
      const chunk = chunkOf(`c${at}`);
      await sink.publish([chunk], signal);
      await watch.finished(chunk, signal);
    }
    await until(() => getEventListeners(signal, 'abort').length === 0);
  });

  test('is never overlooked, at whatever moment of the last look at others it comes', async () => {
    for (let ticks = 0; ticks < 16; ticks += 1) {
      const { sink, watch } = await watched(undefined, true);
      await sink.publish([a, b], never);
      const second = watch.finished(a, never).then(async () => {
        for (let left = ticks; left > 0; left -= 1) await Promise.resolve();
        return await watch.finished(b, never);
      });
      const over = new AbortController();
      // Ten real seconds: two looks take milliseconds, unless the machine is busy with something else.
      const isSeen = await Promise.race([
        second.then(() => true),
        fast.sleep(2_000_000, over.signal).catch(() => false),
      ]);
      over.abort();
      expect([ticks, isSeen === true]).toEqual([ticks, true]);
    }
  });
});

describe('what waits for consumers is told', () => {
  test('whenever it changes, and that it is over; not again and again', async () => {
    const { sink, watch, told } = await watched();
    await sink.publish([a, b], never);
    const both = Promise.all([watch.finished(a, never), watch.finished(b, never)]);
    await until(() => told.length === 1);
    await fast.sleep(20_000, never);
    expect(told).toEqual([[2, 1]]);
    sink.work();
    await until(() => told.length === 2);
    sink.work();
    await both;
    await until(() => told.length === 3);
    expect(told).toEqual([
      [2, 1],
      [1, 1],
      [0, 1],
    ]);
  });

  test('with the number of consumers, when that changes', async () => {
    const { sink, watch, told } = await watched();
    let workers = 0;
    sink.pressure = async () => await Promise.resolve({ waiting: 1, workers, memory: undefined });
    await sink.publish([a], never);
    const finished = watch.finished(a, never);
    await until(() => told.length === 1);
    workers = 2;
    await until(() => told.length === 2);
    while (sink.work());
    await finished;
    expect(told.slice(0, 2)).toEqual([
      [1, 0],
      [1, 2],
    ]);
  });
});

test('who finishes something is counted at once, although nobody was there at the last count', async () => {
  const { sink, watch, told } = await watched();
  let workers = 0;
  sink.pressure = async () => await Promise.resolve({ waiting: 1, workers, memory: undefined });
  await sink.publish([a, b], never);
  const both = Promise.all([watch.finished(a, never), watch.finished(b, never)]);
  await until(() => told.length === 1);
  workers = 1;
  sink.work();
  await until(() => told.length === 2);
  sink.work();
  await both;
  expect(told.slice(0, 2)).toEqual([
    [2, 0],
    [1, 1],
  ]);
});

describe('when nothing moves for the time there is', () => {
  test('everything that waits fails with what to do', async () => {
    const { sink, watch } = await watched(5000);
    await sink.publish([a, b], never);
    const ends = await Promise.allSettled([watch.finished(a, never), watch.finished(b, never)]);
    for (const end of ends) {
      expect(end).toMatchObject({
        reason: {
          code: 'queue.unconfirmed',
          recovery: 'retry',
          message: '2 chunks wait for consumers, 1 worker on queue "memory"',
        },
      });
    }
  });

  test('one finished chunk gives the others the whole time again', async () => {
    const clock = manualClock();
    const { sink, watch } = await watched(20_000, false, clock);
    await sink.publish([a, b], never);
    const [first, second] = [watch.finished(a, never), watch.finished(b, never)];
    second.catch(() => {});
    await seconds(clock, 18);
    sink.work();
    await seconds(clock, 1);
    await first;
    await seconds(clock, 18);
    sink.work();
    await seconds(clock, 1);
    expect(await second).toEqual({ state: 'completed' });
  });

  test('an outage of the queue does not count: consumers could not move either', async () => {
    const clock = manualClock();
    const { sink, watch, events } = await watched(20_000, false, clock);
    await sink.publish([a], never);
    const outcomes = sink.outcomes.bind(sink);
    let isDown = true;
    sink.outcomes = async (ids, signal) => {
      if (isDown) throw new QueueError('connection refused', { code: 'queue.failed', recovery: 'retry' });
      return await outcomes(ids, signal);
    };
    const finished = watch.finished(a, never);
    finished.catch(() => {});
    await seconds(clock, 60);
    isDown = false;
    await seconds(clock, 15);
    expect(events.map(({ type }) => type)).toEqual(['queue.down', 'queue.up']);
    sink.work();
    await seconds(clock, 1);
    expect(await finished).toEqual({ state: 'completed' });
  });
});

async function seconds(clock: ManualClock, count: number): Promise<void> {
  for (let left = count * 20; left > 0; left -= 1) await clock.pass(50);
}

describe('a queue that lost its data', () => {
  test('again and again: everything is published again each time, under the same ids', async () => {
    const { sink, watch } = await watched();
    await sink.publish([a, b], never);
    const both = Promise.all([watch.finished(a, never), watch.finished(b, never)]);
    for (let loss = 1; loss <= 4; loss += 1) {
      sink.flush();
      await until(() => sink.publishes.get('a') === 1 + loss && sink.publishes.get('b') === 1 + loss);
    }
    while (sink.work());
    expect(await both).toEqual([{ state: 'completed' }, { state: 'completed' }]);
    expect(await sink.remembers('r1', never)).toBe(true);
  });

  test('not at all, but a job is gone: once it is published again, the second time the run stops', async () => {
    const { sink, watch } = await watched();
    await sink.publish([a, b], never);
    const ends = Promise.allSettled([watch.finished(a, never), watch.finished(b, never)]);
    sink.remove('a');
    await until(() => sink.publishes.get('a') === 2);
    expect(sink.publishes.get('b')).toBe(1);
    sink.remove('a');
    expect(await ends).toMatchObject([
      { reason: { code: 'queue.removes', recovery: 'stop' } },
      { reason: { code: 'queue.removes' } },
    ]);
  });
});

describe('what an earlier session left', () => {
  test('is settled when none of it waits any more, completed, failed or gone', async () => {
    const { sink, watch } = await watched();
    sink.refuses = (value) => (value === 'b' ? 'bad' : undefined);
    await sink.publish([a, b], never);
    let isSettled = false;
    const settled = watch.settled(['a', 'b', 'gone'], never).then(() => (isSettled = true));
    sink.work();
    await fast.sleep(3000, never);
    expect(isSettled).toBe(false);
    sink.work();
    await settled;
    expect(sink.publishes.get('gone')).toBeUndefined();
  });
});
