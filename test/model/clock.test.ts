import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/model/clock.ts';
import { isAbort } from '../../src/model/errors.ts';

/** Whether a sleep of that length is still on after a moment. */
async function stillSleeps({ sleep }: Pick<Clock, 'sleep'>, ms: number): Promise<boolean> {
  const enough = new AbortController();
  let over = false;
  const sleeping = sleep(ms, enough.signal).then(
    () => (over = true),
    () => {},
  );
  await delay(30);
  const asleep = !over;
  enough.abort();
  await sleeping;
  return asleep;
}

const tooLongForATimer = 2 ** 31 + 1000;

test('a sleep longer than a timer can count does not end at once', async () => {
  expect(await stillSleeps(systemClock, tooLongForATimer)).toBe(true);
  expect(await stillSleeps(systemClock, Number.POSITIVE_INFINITY)).toBe(true);
});

const counted: Clock['sleep'] = (ms, signal) => delay(Math.max(0, ms | 0), undefined, { signal });

test('a sleep counted in 32 bits ends at once (twin)', async () => {
  expect(await stillSleeps({ sleep: counted }, tooLongForATimer)).toBe(false);
});

test('a sleep takes its time, by the clock that cannot jump', async () => {
  const began = systemClock.elapsed();
  await systemClock.sleep(20, new AbortController().signal);
  // A timer may fire up to a millisecond early by this clock.
  expect(systemClock.elapsed() - began).toBeGreaterThanOrEqual(19);
});

test('a negative sleep is none', async () => {
  await systemClock.sleep(-5, new AbortController().signal);
});

test('a sleep ends with an AbortError as soon as its signal aborts, also before it began', async () => {
  const late = new AbortController();
  const sleeping = systemClock.sleep(60_000, late.signal);
  late.abort();
  expect(await sleeping.catch(isAbort)).toBe(true);
  expect(await systemClock.sleep(60_000, AbortSignal.abort()).catch(isAbort)).toBe(true);
});
