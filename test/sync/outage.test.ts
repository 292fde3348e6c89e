import { describe, expect, test } from 'vitest';
import { isAbort, QueueError } from '../../src/model/errors.ts';
import type { EventBody } from '../../src/model/events.ts';
import { createOutage } from '../../src/sync/outage.ts';
import { createRecordingClock } from '../net/recording-clock.ts';
import { manualClock } from '../state/manual-clock.ts';

const never = new AbortController().signal;
const down = new QueueError('connection refused', { code: 'queue.failed', recovery: 'retry' });

function watched(giveUpMs?: () => number) {
  const clock = createRecordingClock();
  const events: EventBody[] = [];
  const outage = createOutage('redis://h', clock, (event) => void events.push(event), giveUpMs);
  return { clock, events, outage, told: () => events.map(({ type }) => type) };
}

/** Work that fails a number of times before it succeeds. */
function failing(times: number, error: unknown = down): () => Promise<string> {
  let left = times;
  return async () => {
    if ((left -= 1) >= 0) throw error;
    return await Promise.resolve('done');
  };
}

describe('an outage of the queue', () => {
  test('that is none goes by without a word', async () => {
    const { outage, told, clock } = watched();
    expect(await outage.ride(failing(0), never)).toBe('done');
    expect([told(), clock.waits]).toEqual([[], []]);
  });

  test('is ridden through, told once when it begins and once when it ends', async () => {
    const { outage, events, told, clock } = watched();
    expect(await outage.ride(failing(8), never)).toBe('done');
    expect(told()).toEqual(['queue.down', 'queue.up']);
    expect(clock.waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
    expect(events[0]).toMatchObject({ queue: 'redis://h', reason: 'connection refused', waitMs: 250 });
    const up = events[1];
    expect(up?.type === 'queue.up' && up.downMs).toBeGreaterThanOrEqual(22_750);
  });

  test('is told once, however many wait for it, and is over with the first success', async () => {
    const { outage, told } = watched();
    await Promise.all([1, 2, 3, 4].map((times) => outage.ride(failing(times), never)));
    expect(told()[0]).toBe('queue.down');
    expect(told().filter((type) => type === 'queue.down').length).toBe(
      told().filter((type) => type === 'queue.up').length,
    );
    expect(told().length).toBeLessThan(8);
  });

  test('is given up on after the time it was given, with what to do', async () => {
    const { outage, told, clock } = watched(() => 3000);
    await expect(outage.ride(failing(1000), never)).rejects.toMatchObject({
      code: 'queue.down',
      recovery: 'retry',
      message: 'redis://h is down: connection refused; waited 3 s',
      hint: 'start the queue; the run goes on where it stopped',
      cause: down,
    });
    expect(told()).toEqual(['queue.down']);
    expect(clock.waits.reduce((sum, wait) => sum + wait, 0)).toBeCloseTo(3000, -2);
  });

  test('is waited for without an end when nobody says how long', async () => {
    const { outage, clock } = watched();
    expect(await outage.ride(failing(500), never)).toBe('done');
    expect(clock.waits).toHaveLength(500);
  });

  test.each([
    new QueueError('cannot be stored', { code: 'queue.unstorable', recovery: 'skip' }),
    new QueueError('wrong password', { code: 'queue.auth', recovery: 'config' }),
    new TypeError('x is not a function'),
  ])('is not what %s is: trying again cannot help', async (error) => {
    const { outage, told } = watched();
    await expect(outage.ride(failing(1, error), never)).rejects.toBe(error);
    expect(told()).toEqual([]);
  });

  test('is left at once by who is cancelled', async () => {
    const { outage } = watched();
    const cancel = new AbortController();
    const work = async (): Promise<never> => {
      cancel.abort();
      return await Promise.reject(down);
    };
    expect(await outage.ride(work, cancel.signal).catch(isAbort)).toBe(true);
  });
});

/** A store that is down for writing, or altogether, and whose clock a test moves. */
function storeOver(giveUpMs?: () => number) {
  const clock = manualClock();
  const events: EventBody[] = [];
  const outage = createOutage('redis://h', clock, (event) => void events.push(event), giveUpMs);
  /** How many writes it takes. */
  const state = { room: 0 };
  const write = async (): Promise<void> =>
    await outage.ride(async () => {
      await Promise.resolve();
      if (state.room === 0) throw full;
      state.room -= 1;
    }, never);
  const read = async (): Promise<void> => await outage.ride(async () => await Promise.resolve(), never);
  return { clock, state, write, read, events, told: () => events.map(({ type }) => type) };
}

const full = new QueueError('redis://h: the memory limit is reached (OOM)', {
  code: 'queue.full',
  recovery: 'retry',
  hint: 'Let the consumers catch up, or raise maxmemory.',
});

describe('a store that answers questions and takes nothing', () => {
  test('is down until it takes something, whatever it answers meanwhile', async () => {
    const { clock, state, write, read, told } = storeOver();
    const writing = [write(), write(), write()];
    for (let seconds = 0; seconds < 20; seconds += 1) {
      await clock.pass(1000);
      await read();
    }
    expect(told()).toEqual(['queue.down']);
    state.room = 3;
    await clock.pass(5000);
    await Promise.all(writing);
    expect(told()).toEqual(['queue.down', 'queue.up']);
  });

  test('takes what waits as soon as it takes anything: nobody sits out a pause', async () => {
    const { clock, state, write } = storeOver();
    const writing = [write(), write()];
    await clock.pass(20_000);
    await clock.pass(20_000);
    // Their next tries are seconds away, that of a newcomer is not.
    writing.push(write());
    await clock.pass(0);
    state.room = 3;
    await clock.pass(250);
    await Promise.all(writing);
  });

  test('is given up on with its own words', async () => {
    const { clock, write } = storeOver(() => 1000);
    const thrown = write().catch((error: unknown) => error);
    for (let looks = 0; looks < 10; looks += 1) await clock.pass(250);
    expect(await thrown).toMatchObject({
      message: 'redis://h: the memory limit is reached (OOM); waited 1 s',
      hint: 'Let the consumers catch up, or raise maxmemory; the run goes on where it stopped',
    });
  });

  test('is over with the next success when everybody who waited has left', async () => {
    const { clock, outage, told } = watched();
    const cancel = new AbortController();
    const work = async (): Promise<never> => {
      cancel.abort();
      return await Promise.reject(down);
    };
    await outage.ride(work, cancel.signal).catch(isAbort);
    expect(told()).toEqual(['queue.down']);
    await outage.ride(failing(0), never);
    expect([told(), clock.waits]).toEqual([['queue.down', 'queue.up'], []]);
  });

  test('is waited for as the setting says now, and from the last time anything went through', async () => {
    let seconds = 60;
    const { clock, state, write, told } = storeOver(() => seconds * 1000);
    let gaveUp = 0;
    const writing = [write(), write()].map((one) => one.catch(() => (gaveUp += 1)));
    for (let passed = 0; passed < 50; passed += 1) await clock.pass(1000);
    state.room = 1;
    for (let passed = 0; passed < 50; passed += 1) await clock.pass(1000);
    expect([gaveUp, state.room, told()]).toEqual([0, 0, ['queue.down']]);
    seconds = 5;
    for (let passed = 0; passed < 5; passed += 1) await clock.pass(1000);
    await Promise.all(writing);
    expect(gaveUp).toBe(1);
  });
});

describe('an outage that every chunk would tell (twin: one for each)', () => {
  test('is found out', async () => {
    const clock = manualClock();
    const told: string[] = [];
    const tellAll = async (outageOf: () => ReturnType<typeof createOutage>): Promise<void> => {
      told.length = 0;
      const riding = [1, 2, 3].map(async () => await outageOf().ride(failing(2), never));
      for (let seconds = 0; seconds < 10; seconds += 1) await clock.pass(1000);
      await Promise.all(riding);
      expect(told).toEqual(['queue.down', 'queue.up']);
    };
    const create = () => createOutage('redis://h', clock, ({ type }) => void told.push(type));
    const shared = create();
    await tellAll(() => shared);
    await expect(tellAll(create)).rejects.toThrow();
  });
});
