import { getEventListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isAbort } from '../../src/model/errors.ts';
import { abortError, withDeadline, withSignals } from '../../src/net/deadline.ts';

const forever = new AbortController().signal;
const never = (signal: AbortSignal): Promise<void> => delay(60_000, undefined, { signal });

test('gives the result of work that is in time', async () => {
  await expect(withDeadline(forever, 1000, async () => 7)).resolves.toBe(7);
});

test('stops work that is late and says so', async () => {
  await expect(withDeadline(forever, 20, never)).rejects.toMatchObject({
    name: 'TimeoutError',
    message: 'no complete answer within 0.02 s',
  });
});

test('an abort is an AbortError, whatever its reason and whatever the work throws', async () => {
  const stop = new AbortController();
  const work = withSignals([forever, stop.signal], async (signal) => {
    await never(signal).catch(() => undefined);
    throw new Error('something else');
  });
  stop.abort('drained');
  const error = await work.catch((thrown: unknown) => thrown);
  expect(isAbort(error)).toBe(true);
  expect(error).toMatchObject({ cause: 'drained' });
});

test('does not begin under a signal that has aborted', async () => {
  let begun = false;
  const work = withDeadline(AbortSignal.abort(), 1000, async () => {
    begun = true;
  });
  await expect(work).rejects.toSatisfy(isAbort);
  expect(begun).toBe(false);
});

test('keeps a reason that is an AbortError already', () => {
  const signal = AbortSignal.abort();
  expect(abortError(signal)).toBe(signal.reason);
});

test('an error of the work itself comes through', async () => {
  await expect(withDeadline(forever, 1000, () => Promise.reject(new Error('broken')))).rejects.toThrow(
    'broken',
  );
});

test('leaves nothing attached to a signal that outlives it', async () => {
  const { signal } = new AbortController();
  for (let round = 0; round < 20; round++) await withDeadline(signal, 1000, async () => round);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
