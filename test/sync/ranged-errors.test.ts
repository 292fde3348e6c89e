import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { isAbort, QueueError, RunError, SourceError } from '../../src/model/errors.ts';
import type { Gate } from '../../src/sync/gate.ts';
import type { Outage } from '../../src/sync/outage.ts';
import { delivered } from '../support/delivered.ts';
import { createFixedList, type FixedListOptions, members } from '../support/fixed-list.ts';
import { createMemorySink } from '../support/memory-sink.ts';
import { newRun, runSession, savingInto, type SessionOptions } from '../support/ranged-session.ts';

const all = members(95);
const keys = all.map(({ key = '' }) => key);
const broken = new SourceError('it broke', { code: 'source.broken', recovery: 'retry' });

/** A session that should fail, and then one that goes on with what was saved. */
async function failThenResume(bent: FixedListOptions, options: Partial<SessionOptions> = {}) {
  const saved = newRun();
  const sink = options.sink ?? createMemorySink();
  const memory = createMemorySink();
  const both = { saved, workers: 3, items: 10 };
  const source = createFixedList(all, bent);
  const thrown = await runSession({ ...both, sink, source, ...options }).catch((error: unknown) => error);
  const point = saved.point;
  const requests = source.asked.length;
  // Nothing goes on behind the back of a session that has ended.
  for (let turns = 0; turns < 20; turns += 1) await turn();
  expect(source.asked.length).toBe(requests);
  expect(saved.point).toBe(point);
  const again = await runSession({ ...both, sink: memory, source: createFixedList(all) });
  return { thrown, point, again, sink, first: sink, second: memory };
}

/** Every member is in what the two sinks hold together, and the checkpoint never claimed one that is not in the first. */
function checkNothingLost(
  first: ReturnType<typeof createMemorySink>,
  second: ReturnType<typeof createMemorySink>,
): void {
  const names = new Set([...delivered(first), ...delivered(second)].map((name) => name.split(' ')[0] ?? ''));
  expect([...names].toSorted()).toEqual(keys.toSorted());
}

describe('an error in the middle of a run', () => {
  test.each([0, 1, 2, 5, 8, 9])(
    'of the source at page %i ends it with that error, and it can go on',
    async (page) => {
      const sink = createMemorySink();
      const { thrown, point, again, second } = await failThenResume(
        {
          bend(answer, { offset }) {
            if (offset === page * 10) throw broken;
            return answer;
          },
        },
        { sink },
      );
      expect(thrown).toBe(broken);
      expect(point.nextPage).toBeLessThanOrEqual(page);
      expect(again.kind).toBe('complete');
      checkNothingLost(sink, second);
    },
  );

  test('of several pages at once is one error', async () => {
    const { thrown, again } = await failThenResume({
      bend(_, { offset }) {
        throw new SourceError(`page ${offset}`, { code: 'source.broken', recovery: 'retry' });
      },
    });
    expect(thrown).toMatchObject({ code: 'source.broken' });
    expect(again.kind).toBe('complete');
  });

  test('of the total at the end ends it with that error; the checkpoint has all pages', async () => {
    const { thrown, point, again } = await failThenResume({
      bendTotal() {
        throw broken;
      },
    });
    expect(thrown).toBe(broken);
    expect(point).toEqual({ version: 1094, nextPage: 10 });
    expect(again.kind).toBe('complete');
  });

  test('of the sink, which trying again cannot help, ends it with that error', async () => {
    const refused = new QueueError('no room for this', { code: 'queue.refused', recovery: 'stop' });
    const sink = createMemorySink();
    sink.before = (chunks) => {
      if (chunks.some(({ id }) => id.startsWith('rtest-4-'))) throw refused;
    };
    const { thrown, point, again, second } = await failThenResume({}, { sink });
    expect(thrown).toBe(refused);
    expect(point.nextPage).toBeLessThanOrEqual(4);
    expect(again.kind).toBe('complete');
    checkNothingLost(sink, second);
  });

  test('of the sink whose outcome is unknown is ridden through with the same ids', async () => {
    const unknown = new QueueError('timed out', { code: 'queue.timeout', recovery: 'retry' });
    const sink = createMemorySink();
    const ids: string[] = [];
    let failures = 3;
    const stored = sink.publish.bind(sink);
    const outcome = await runSession({
      source: createFixedList(all),
      saved: newRun(),
      workers: 1,
      items: 95,
      sink: {
        ...sink,
        async publish(chunks, signal) {
          ids.push(...chunks.map(({ id }) => id));
          await stored(chunks, signal);
          // Stored, but nobody hears of it.
          if ((failures -= 1) >= 0) throw unknown;
        },
      },
      outage: quickOutage(),
    });
    expect(outcome).toMatchObject({ kind: 'complete', totals: { published: 95 } });
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(1);
    expect(delivered(sink)).toHaveLength(95);
  });

  test('of the gate ends it with that error', async () => {
    const noRoom = new RunError('the queue is full', { code: 'queue.full', recovery: 'retry' });
    let passes = 0;
    const gate: Gate = {
      async pass() {
        await turn();
        if ((passes += 1) === 5) throw noRoom;
      },
    };
    const sink = createMemorySink();
    const { thrown, again, second } = await failThenResume({}, { sink, parts: { gate } });
    expect(thrown).toBe(noRoom);
    expect(again.kind).toBe('complete');
    checkNothingLost(sink, second);
  });

  test('of the disk under the checkpoint ends it: no page counts that is not saved', async () => {
    const saved = newRun();
    const keep = savingInto(saved);
    const full = new Error('database or disk is full');
    let saves = 0;
    let elapsed = 0;
    const session = runSession({
      source: createFixedList(all),
      sink: createMemorySink(),
      saved,
      workers: 3,
      items: 10,
      parts: {
        // Every look at the clock is two seconds later: each page has a checkpoint of its own.
        clock: { ...systemClock, elapsed: () => (elapsed += 2000) },
        save(...checkpoint) {
          if ((saves += 1) > 3) throw full;
          keep(...checkpoint);
        },
      },
    });
    await expect(session).rejects.toBe(full);
    expect(saved.point.nextPage).toBeLessThan(all.length / 10);
  });

  test('of the store of dead letters ends it before their page counts', async () => {
    const saved = newRun();
    const full = new Error('database or disk is full');
    const keyless = { key: undefined, version: 1050, value: {} };
    const session = runSession({
      source: createFixedList([...all.slice(0, 50), keyless, ...all.slice(50)]),
      sink: createMemorySink(),
      saved,
      workers: 3,
      items: 10,
      parts: {
        bury() {
          throw full;
        },
      },
    });
    await expect(session).rejects.toBe(full);
    expect(saved.point.nextPage).toBeLessThanOrEqual(5);
  });

  test('that is somebody else’s abort is told as an error, not taken for ours', async () => {
    const timeout = AbortSignal.abort().reason;
    const { thrown } = await failThenResume({
      bend(answer, _, nth) {
        if (nth === 4) throw timeout;
        return answer;
      },
    });
    expect(isAbort(thrown)).toBe(true);
  });
});

/** Waits hardly at all between two attempts. */
function quickOutage(): Outage {
  return {
    async ride(work, signal) {
      for (;;) {
        try {
          return await work(signal);
        } catch (error) {
          if (!(error instanceof QueueError) || error.recovery !== 'retry') throw error;
          await turn();
        }
      }
    },
  };
}
