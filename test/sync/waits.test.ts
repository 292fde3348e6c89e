import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/model/clock.ts';
import { noTraffic, type Traffic } from '../../src/model/traffic.ts';
import { createWaits } from '../../src/sync/waits.ts';

/** A clock that a test moves on. */
function handClock(): Clock & { move(ms: number): void } {
  let at = 0;
  return {
    now: () => at,
    elapsed: () => at,
    sleep: () => Promise.resolve(),
    move: (ms) => (at += ms),
  };
}

function spent(underWay: number, quota: number, pausing: number): Traffic {
  return { ...noTraffic, spentMs: { underWay, quota, pausing } };
}

/** Waits for `ms` milliseconds by the clock. */
async function waiting(
  clock: ReturnType<typeof handClock>,
  waits: ReturnType<typeof createWaits>,
  limit: 'source' | 'queue' | 'workers',
  ms: number,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = waits.during(limit, promise);
  clock.move(ms);
  resolve();
  await done;
}

describe('what reading waited for', () => {
  test('adds up by what it was', async () => {
    const clock = handClock();
    const waits = createWaits(clock);
    await waiting(clock, waits, 'queue', 30);
    await waiting(clock, waits, 'source', 20);
    clock.move(500);
    await waiting(clock, waits, 'queue', 5);
    expect(waits.totals(spent(100, 0, 0))).toEqual({ source: 20, queue: 35, workers: 0, quota: 0 });
  });

  test('counts when the wait ends badly, too, and passes its end on', async () => {
    const clock = handClock();
    const waits = createWaits(clock);
    const { promise, reject } = Promise.withResolvers<void>();
    const done = waits.during('queue', promise);
    clock.move(7);
    reject(new Error('no room'));
    await expect(done).rejects.toThrow('no room');
    expect(waits.totals(noTraffic).queue).toBe(7);
  });

  test("is the quota's as far as the requests waited for its places, and the source's as far as they paused", async () => {
    const clock = handClock();
    const waits = createWaits(clock);
    await waiting(clock, waits, 'workers', 100);
    await waiting(clock, waits, 'source', 10);
    await waiting(clock, waits, 'queue', 40);
    expect(waits.totals(spent(20, 50, 30))).toEqual({ source: 5 + 30, queue: 40, workers: 20, quota: 55 });
  });

  test('would be blamed on the readers if nobody asked the requests (twin)', async () => {
    const clock = handClock();
    const waits = createWaits(clock);
    await waiting(clock, waits, 'workers', 100);
    expect(waits.totals(noTraffic)).toEqual({ source: 0, queue: 0, workers: 100, quota: 0 });
  });
});
