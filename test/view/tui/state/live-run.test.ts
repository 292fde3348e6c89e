import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../../../src/model/events.ts';
import { createLiveRun, type LiveRun } from '../../../../src/view/tui/state/live-run.ts';

const start = 1_800_000_000_000;
const entry = { key: 'a', label: 'list "a"' };
const run = { entry, runId: 'r1' };

function begin(workers = 2): LiveRun {
  return createLiveRun({ at: start, type: 'run.started', ...run, mode: 'LOAD', resumed: false, workers });
}

function tell(live: LiveRun, seconds: number, event: EventBody): void {
  live.apply({ at: start + seconds * 1000, ...event });
}

function window(total: number): EventBody {
  return { type: 'run.window', ...run, window: { since: null, until: 1 }, total };
}

function read(page: number, worker: number, ms: number, total = 1000): EventBody {
  return { type: 'page.read', ...run, page, worker, offset: page * 100, records: 100, total, ms };
}

function asked(page: number, worker: number): EventBody {
  return { type: 'page.asked', ...run, page, worker };
}

function again(total: number): EventBody {
  return { type: 'run.again', ...run, read: 0, total };
}

function confirmed(page: number): EventBody {
  return { type: 'page.confirmed', ...run, page, records: 100 };
}

test('before the source said how much there is, nobody knows how far it is', () => {
  const live = begin();
  expect(live.view(start + 5000)).toMatchObject({
    total: undefined,
    fraction: undefined,
    rate: undefined,
    eta: undefined,
  });
});

test('rate and time left are unknown until there are three seconds of data', () => {
  const live = begin();
  tell(live, 0, window(1000));
  for (let page = 0; page < 6; page += 1) tell(live, page * 0.5, confirmed(page));
  expect(live.view(start + 2900)).toMatchObject({ rate: undefined, eta: undefined, fraction: 0.6 });
  const later = live.view(start + 3000);
  expect(later.rate).toBeCloseTo(200, 5);
  expect(later.eta).toBeCloseTo(2, 5);
});

test('a rate follows what happens now more than what was', () => {
  const live = begin();
  tell(live, 0, window(100_000));
  for (let second = 0; second < 20; second += 1) tell(live, second, confirmed(second));
  expect(live.view(start + 20_000).rate).toBeCloseTo(100, 5);
  const stalled = live.view(start + 30_000).rate ?? -1;
  expect(stalled).toBeGreaterThan(0);
  expect(stalled).toBeLessThan(50);
  expect(live.view(start + 200_000).rate).toBe(0);
  expect(live.view(start + 200_000).eta).toBeUndefined();
});

test('a total that shrinks under what is confirmed is done, not more than done', () => {
  const live = begin();
  tell(live, 0, window(100));
  tell(live, 1, confirmed(0));
  tell(live, 2, read(1, 1, 10, 50));
  expect(live.view(start + 9000)).toMatchObject({ fraction: 1, eta: 0 });
});

test('whatever comes in whatever order, no number is negative, infinite or not a number', () => {
  const amount = fc.nat({ max: 5000 });
  const events = fc.oneof(
    amount.map((total) => window(total)),
    fc.tuple(amount, amount, amount).map(([page, ms, total]) => read(page, (page % 3) + 1, ms, total)),
    amount.map(confirmed),
    amount.map((page) => asked(page, (page % 3) + 1)),
    amount.map((total) => again(total)),
  );
  const steps = fc.array(fc.tuple(fc.integer({ min: -2000, max: 30_000 }), events), { maxLength: 60 });
  fc.assert(
    fc.property(steps, fc.integer({ min: -5000, max: 60_000 }), (list, wait) => {
      const live = begin();
      let now = start;
      for (const [step, event] of list) {
        now += step;
        live.apply({ at: now, ...event });
      }
      const { rate, eta, fraction, busy, requestRate, latency, spark, pages, pagesExpected } = live.view(
        now + wait,
      );
      const numbers = [rate, eta, fraction, busy, requestRate, latency?.mean, latency?.p95, ...spark];
      for (const value of numbers) {
        if (value === undefined) continue;
        expect(Number.isFinite(value)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(0);
      }
      expect(fraction ?? 0).toBeLessThanOrEqual(1);
      expect(busy).toBeLessThanOrEqual(1);
      expect(pages.cells(40, pagesExpected).length).toBeLessThanOrEqual(40);
    }),
  );
});

test('each reader shows the page it waits for and since when, or the last one and how long that took', () => {
  const live = begin();
  tell(live, 0, { type: 'page.asked', ...run, page: 7, worker: 2 });
  tell(live, 0, { type: 'page.asked', ...run, page: 6, worker: 1 });
  tell(live, 1, read(6, 1, 980));
  expect(live.view(start + 1500).readers).toEqual([
    { slot: 1, page: undefined, since: start + 1000, last: { page: 6, ms: 980, records: 100 } },
    { slot: 2, page: 7, since: start, last: undefined },
  ]);
});

test('the share of time that readers wait for the source counts the page they wait for', () => {
  const live = begin(1);
  tell(live, 0, window(1000));
  tell(live, 0, { type: 'page.asked', ...run, page: 0, worker: 1 });
  expect(live.view(start + 8000).busy).toBeCloseTo(1, 5);
  tell(live, 8, read(0, 1, 8000));
  expect(live.view(start + 10_000).busy).toBeCloseTo(0.8, 5);
  expect(live.view(start + 40_000).busy).toBe(0);
});

test('retries and 429s are counted, worker_count follows the report', () => {
  const live = begin();
  const retry = { type: 'source.retry', host: 'api', attempt: 1, waitMs: 10 } as const;
  tell(live, 1, { ...retry, reason: '429 from api' });
  tell(live, 2, { ...retry, reason: '503 from api (4290 bytes)' });
  expect(live.view(start + 3000)).toMatchObject({ retries: 2, tooMany: 1, workers: 2 });
});

describe('the page map', () => {
  test('says of each page where it stands', () => {
    const live = begin();
    tell(live, 0, read(0, 1, 10, 500));
    tell(live, 0, confirmed(0));
    tell(live, 0, read(1, 1, 10, 500));
    tell(live, 0, { type: 'page.asked', ...run, page: 2, worker: 1 });
    const { pages, pagesExpected } = live.view(start);
    expect(pagesExpected).toBe(5);
    expect(pages.cells(10, pagesExpected)).toEqual(['confirmed', 'published', 'reading', 'ahead', 'ahead']);
    expect(pages.cells(3, pagesExpected)).toEqual(['published', 'reading', 'ahead']);
  });

  test('begins again when the window is read again; a late page of the last time changes nothing', () => {
    const live = begin();
    for (let page = 0; page < 4; page += 1) tell(live, 0, read(page, 1, 10, 400));
    tell(live, 1, { type: 'run.again', ...run, read: 380, total: 400 });
    tell(live, 2, confirmed(3));
    tell(live, 2, { type: 'page.asked', ...run, page: 4, worker: 1 });
    expect(live.view(start).pages.cells(10, 4)).toEqual(['reading', 'ahead', 'ahead', 'ahead']);
  });

  test('a hundred thousand pages fit into a line', () => {
    const live = begin();
    for (let page = 0; page < 100_000; page += 1) live.apply({ at: start, ...confirmed(page) });
    expect(live.view(start).pages.cells(50, 200_000)).toEqual([
      ...Array.from({ length: 25 }, () => 'confirmed'),
      ...Array.from({ length: 25 }, () => 'ahead'),
    ]);
  });
});
