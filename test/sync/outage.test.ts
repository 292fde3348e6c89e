import { describe, expect, test } from 'vitest';
import { isAbort, QueueError } from '../../src/model/errors.ts';
import type { EventBody } from '../../src/model/events.ts';
import { createOutage } from '../../src/sync/outage.ts';
import { createRecordingClock } from '../net/recording-clock.ts';

const never = new AbortController().signal;
const down = new QueueError('connection refused', { code: 'queue.failed', recovery: 'retry' });

function watched(giveUpMs?: number) {
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
    const { outage, told, clock } = watched(3000);
    await expect(outage.ride(failing(1000), never)).rejects.toMatchObject({
      code: 'queue.down',
      recovery: 'retry',
      message: 'redis://h is down: connection refused; waited 3 s',
      hint: 'start the queue; the run goes on where it stopped',
      cause: down,
    });
    expect(told()).toEqual(['queue.down']);
    expect(clock.waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(3000);
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
