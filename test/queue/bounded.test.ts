import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { isAbort, QueueError } from '../../src/model/errors.ts';
import { createBounded } from '../../src/queue/bounded.ts';

const signal = new AbortController().signal;
const open = (deadlineMs = 1000, trouble?: () => string) =>
  createBounded({ store: 'redis://h:1', deadlineMs, clock: systemClock, ...(trouble ? { trouble } : {}) });
const forever = () => new Promise<never>(() => undefined);

describe('bounded work', () => {
  test('gives its result, or its error as a QueueError', async () => {
    expect(await open().run(signal, async () => await Promise.resolve(7))).toBe(7);
    await expect(open().run(signal, async () => await Promise.reject(new Error('boom')))).rejects.toThrow(
      QueueError,
    );
  });

  test('is given up at the deadline, with what is known of the trouble', async () => {
    const thrown = await open(20, () => 'connect ECONNREFUSED')
      .run(signal, forever)
      .catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      code: 'queue.timeout',
      recovery: 'retry',
      message: 'redis://h:1 did not answer within 0.02 s (connect ECONNREFUSED)',
    });
  });

  test('tells its work to stop when it is given up', async () => {
    let heard: AbortSignal | undefined;
    await open(20)
      .run(signal, (stop) => {
        heard = stop;
        return forever();
      })
      .catch(() => undefined);
    expect(heard?.aborted).toBe(true);
  });

  test('is an AbortError when the signal aborts, whatever the reason given', async () => {
    const stop = new AbortController();
    const work = open()
      .run(stop.signal, forever)
      .catch((error: unknown) => error);
    stop.abort('a reason that is no error');
    expect(isAbort(await work)).toBe(true);
  });

  test('is a QueueError when the library throws an AbortError of its own', async () => {
    const own = Object.assign(new Error('Command aborted due to connection close'), { name: 'AbortError' });
    const thrown = await open()
      .run(signal, async () => await Promise.reject(own))
      .catch((error: unknown) => error);
    expect(isAbort(thrown)).toBe(false);
    expect(thrown).toMatchObject({ recovery: 'retry' });
  });

  test('is rejected from the close on', async () => {
    const bounded = open();
    const under = bounded.run(signal, forever).catch((error: unknown) => error);
    bounded.close();
    expect(await under).toMatchObject({ code: 'queue.closed' });
    await expect(bounded.run(signal, async () => await Promise.resolve(1))).rejects.toMatchObject({
      recovery: 'stop',
    });
  });
});
