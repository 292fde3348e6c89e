import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/model/clock.ts';
import { isAbort } from '../../src/model/errors.ts';
import { type Quota, createQuotas } from '../../src/net/quota.ts';

const forever = new AbortController().signal;

test('the same host and credential share a quota, all others have their own', () => {
  const { quotaFor } = createQuotas({ clock: createManualClock() });
  const quota = quotaFor('us21.api.mailchimp.com', 'key');
  expect(quotaFor('us21.api.mailchimp.com', 'key')).toBe(quota);
  expect(quotaFor('us20.api.mailchimp.com', 'key')).not.toBe(quota);
  expect(quotaFor('us21.api.mailchimp.com', 'other')).not.toBe(quota);
  const tls = { ca: 'ours', client: { cert: 'c', key: 'k' } };
  const shown = quotaFor('us21.api.mailchimp.com', 'key', tls);
  expect(shown).not.toBe(quota);
  expect(shown.tls).toEqual(tls);
  expect(quotaFor('us21.api.mailchimp.com', 'key', structuredClone(tls))).toBe(shown);
  expect(quotaFor('us21.api.mailchimp.com', 'key', { ca: 'ours' })).not.toBe(shown);
  expect(quota.limit).toBe(10);
});

describe('places', () => {
  test('go to those who wait in the order they came', async () => {
    const quota = newQuota({ limit: 1 });
    const order: number[] = [];
    const enter = async (name: number): Promise<void> => {
      const giveBack = await quota.acquire(forever);
      order.push(name);
      await setImmediate();
      giveBack();
    };
    await Promise.all([1, 2, 3, 4].map(enter));
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test('given back twice count once', async () => {
    const quota = newQuota({ limit: 1 });
    const giveBack = await quota.acquire(forever);
    giveBack();
    giveBack();
    await quota.acquire(forever);
    expect(await isAdmitted(quota)).toBe(false);
  });

  test('that are waited for can be given up at once, and cost nobody a turn', async () => {
    const quota = newQuota({ limit: 1 });
    const giveBack = await quota.acquire(forever);
    const impatient = new AbortController();
    const first = quota.acquire(impatient.signal);
    const second = quota.acquire(forever);
    impatient.abort();
    await expect(first).rejects.toSatisfy(isAbort);
    giveBack();
    await second;
    expect(quota.load()).toEqual({ active: 1, waiting: 0, blockedMs: 0 });
  });

  test('are refused to a signal that has aborted', async () => {
    await expect(newQuota({ limit: 1 }).acquire(AbortSignal.abort())).rejects.toSatisfy(isAbort);
  });
});

describe('a pause', () => {
  test('lets nobody in until it is over', async () => {
    const clock = createManualClock();
    const quota = newQuota({ clock });
    quota.blockFor(5000);
    const waiting = quota.acquire(forever);
    await clock.advance(4999);
    expect(quota.load()).toEqual({ active: 0, waiting: 1, blockedMs: 1 });
    await clock.advance(1);
    await waiting;
  });

  test('can be made longer but not shorter', async () => {
    const clock = createManualClock();
    const quota = newQuota({ clock });
    quota.blockFor(1000);
    const waiting = quota.acquire(forever);
    quota.blockFor(9000);
    quota.blockFor(10);
    await clock.advance(1000);
    expect(quota.load().active).toBe(0);
    await clock.advance(8000);
    await waiting;
  });

  test('leaves no timer behind when nobody waits any more', async () => {
    const clock = createManualClock();
    const quota = newQuota({ clock });
    quota.blockFor(3_600_000);
    const impatient = new AbortController();
    const waiting = quota.acquire(impatient.signal);
    expect(clock.sleepers()).toBe(1);
    impatient.abort();
    await expect(waiting).rejects.toSatisfy(isAbort);
    expect(clock.sleepers()).toBe(0);
  });
});

type Step = 'take' | 'give' | 'abandon' | 'block' | 'pass';
const steps = fc.array(fc.constantFrom<Step>('take', 'take', 'give', 'abandon', 'block', 'pass'), {
  maxLength: 60,
});

test('never lets in more than the limit, and everybody in the end', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), (script, limit) =>
      playScript(script, limit, true),
    ),
    { numRuns: 200 },
  );
});

test('twin: a quota that forgets to count lets in too many', async () => {
  const property = fc.asyncProperty(steps, (script) => playScript(script, 2, false));
  const run = await fc.check(property, { numRuns: 200 });
  expect(run.failed).toBe(true);
});

async function playScript(script: readonly Step[], limit: number, honest: boolean): Promise<void> {
  const clock = createManualClock();
  const real = newQuota({ clock, limit });
  const quota: Quota = honest ? real : { ...real, acquire: async () => () => undefined };
  const held: (() => void)[] = [];
  const waiting = new Set<AbortController>();
  for (const step of script) {
    if (step === 'take') take();
    if (step === 'give') held.shift()?.();
    if (step === 'abandon') [...waiting][0]?.abort();
    if (step === 'block') quota.blockFor(100);
    if (step === 'pass') await clock.advance(60);
    await setImmediate();
    expect(held.length).toBeLessThanOrEqual(limit);
  }
  for (let turn = 0; turn < 200 && waiting.size > 0; turn++) {
    await clock.advance(100);
    held.shift()?.();
    await setImmediate();
  }
  expect(waiting.size).toBe(0);

  function take(): void {
    const person = new AbortController();
    waiting.add(person);
    quota
      .acquire(person.signal)
      .then((giveBack) => held.push(giveBack))
      .catch(() => undefined)
      .finally(() => waiting.delete(person));
  }
}

function newQuota({ clock = createManualClock(), limit = 10 }: { clock?: Clock; limit?: number }): Quota {
  return createQuotas({ clock, limit }).quotaFor('host', 'key');
}

async function isAdmitted(quota: Quota): Promise<boolean> {
  let admitted = false;
  const stop = new AbortController();
  const entering = quota.acquire(stop.signal).then(
    () => (admitted = true),
    () => undefined,
  );
  await setImmediate();
  stop.abort();
  await entering;
  return admitted;
}

/** Time that stands still until the test moves it. */
function createManualClock(): Clock & { advance(ms: number): Promise<void>; sleepers(): number } {
  let now = 0;
  const sleeping = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    now: () => now,
    elapsed: () => now,
    sleepers: () => sleeping.size,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = {
          until: now + ms,
          wake: () => {
            sleeping.delete(sleeper);
            resolve();
          },
        };
        sleeping.add(sleeper);
        signal.addEventListener('abort', () => {
          sleeping.delete(sleeper);
          reject(new DOMException('stopped', 'AbortError'));
        });
      }),
    async advance(ms) {
      now += ms;
      for (const sleeper of sleeping) if (sleeper.until <= now) sleeper.wake();
      await setImmediate();
    },
  };
}
