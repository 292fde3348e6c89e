import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { createCoalesced } from '../../src/queue/coalesced.ts';
import { until } from '../support/until.ts';

test('the first ring calls at once, and many more call once after the rest', async () => {
  const calls: number[] = [];
  const ring = createCoalesced(
    () => calls.push(performance.now()),
    100,
    systemClock,
    new AbortController().signal,
  );
  const before = performance.now();
  ring();
  await until(() => calls.length === 1);
  expect((calls[0] ?? 0) - before).toBeLessThan(80);
  for (let times = 0; times < 1000; times += 1) ring();
  await until(() => calls.length === 2);
  expect((calls[1] ?? 0) - (calls[0] ?? 0)).toBeGreaterThanOrEqual(95);
  await delay(150);
  expect(calls).toHaveLength(2);
});

test('nothing is called after the signal aborted', async () => {
  let calls = 0;
  const stop = new AbortController();
  const ring = createCoalesced(() => (calls += 1), 10, systemClock, stop.signal);
  ring();
  stop.abort();
  ring();
  await delay(50);
  expect(calls).toBe(0);
});
