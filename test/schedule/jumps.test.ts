import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/model/entry.ts';
import { nextFire } from '../../src/schedule/cron.ts';
import { decide } from '../../src/schedule/due.ts';
import { timeOf } from '../../src/schedule/moment.ts';
import { type Check, type Happening, minute, type Parts, play } from './jumping-clock.ts';

const real: Parts = { decide, timeOf };
/** The night in which Helsinki's clocks go forward (01:00 UTC), and the one in which they go back. */
const nights = ['2027-03-27T20:30:00Z', '2027-10-30T20:30:00Z', '2026-11-21T20:30:00Z'].map(Date.parse);
const step = 5 * minute;

const schedules = ['0 * * * *', '*/5 * * * *', '30 3 * * *', '0 0,12 * * *', '17 1-5 * * *'];
const entries: fc.Arbitrary<Entry> = fc.record({
  list_id: fc.constant('1a2d'),
  latest_timestamp: fc.constant('2026-11-21T10:00:00Z'),
  schedule: fc.constantFrom(...schedules),
  timezone: fc.constantFrom('UTC', 'Europe/Helsinki', 'America/St_Johns'),
});
const aged: Entry = { list_id: '1a2d', latest_timestamp: '2026-11-21T10:00:00Z', refresh_seconds: 1800 };

const nothing: Happening = { kind: 'nothing' };
const happenings: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 30, arbitrary: fc.constant(nothing) },
  { weight: 1, arbitrary: fc.constantFrom(60, -60).map((minutes) => ({ kind: 'set' as const, minutes })) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: -90, max: 90 }).map((minutes) => ({ kind: 'set' as const, minutes })),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 600 }).map((minutes) => ({ kind: 'sleep' as const, minutes })),
  },
);
const night = fc.array(happenings, { minLength: 100, maxLength: 200, size: 'max' });

/** Whether a schedule fires within the minutes that the wall clock went through or jumped over, and how late. */
function fired(entry: Entry, { before, wall }: Check, after: number): boolean {
  const fire = nextFire(entry.schedule ?? '', entry.timezone, Math.max(before, after));
  return fire !== undefined && fire <= wall;
}

const isDue = ({ decision }: Check): boolean => decision.kind === 'due';
const wentBack = ({ happened }: Check): boolean => happened.kind === 'set' && happened.minutes < 0;
const wentForward = ({ happened }: Check): boolean => happened.kind !== 'nothing' && happened.minutes > 0;

const slept = ({ happened }: Check): number => (happened.kind === 'sleep' ? happened.minutes : 0);
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** No time of the schedule is missed, none is run twice, and nothing runs that did not fire. */
function checkSchedule(parts: Parts): void {
  fc.assert(
    fc.property(entries, fc.constantFrom(...nights), night, (entry, start, all) => {
      const checks = play(entry, { start, step }, all, parts);
      let newest = start;
      let distinct = 0;
      let shown = 0;
      for (const check of checks) {
        if (fired(entry, check, newest)) distinct += 1;
        if (fired(entry, check, Number.NEGATIVE_INFINITY)) shown += 1;
        newest = Math.max(newest, check.wall);
      }
      const runs = checks.filter(isDue).length;
      expect(runs).toBeGreaterThanOrEqual(distinct);
      // A clock that was wrong may have hidden a time, which is made up for when it is right again.
      expect(runs).toBeLessThanOrEqual(shown + checks.filter(wentBack).length);
    }),
    { numRuns: 25 },
  );
}

/** A daily entry runs once a night whatever hour the clock is set back to, and an hourly one goes on every hour. */
function checkSetBack(parts: Parts): void {
  const ranAt = (schedule: string, minutesAfter: number): string[] => {
    const start = Date.parse('2026-11-21T02:30:00Z');
    const all = Array.from({ length: 300 }, (_, index): Happening =>
      index === 30 + minutesAfter ? { kind: 'set', minutes: -60 } : nothing,
    );
    const checks = play({ ...aged, refresh_seconds: undefined, schedule }, { start }, all, parts);
    return checks.filter(isDue).map(({ passed }) => `${passed / minute}`);
  };
  expect(ranAt('0 3 * * *', 5)).toEqual(['30']);
  expect(ranAt('0 * * * *', 5)).toEqual(['30', '90', '150', '210', '270']);
  expect(ranAt('0 * * * *', 0)).toEqual(['30', '90', '150', '210', '270']);
  expect(ranAt('*/20 * * * *', 5).slice(0, 6)).toEqual(['10', '30', '50', '70', '90', '110']);
}

/**
 * An age is counted in time that has really passed: shorter only when the clock went forward, and longer only by what the
 * machine slept when the clock was set back too, which is then not known.
 */
function checkAge(parts: Parts): void {
  fc.assert(
    fc.property(night, (all) => {
      let ranAt = 0;
      let since: Check[] = [];
      for (const check of play(aged, { start: 0, step }, all, parts)) {
        since.push(check);
        const age = check.passed - ranAt;
        const unknown = since.some(wentBack) ? minute * sum(since.map(slept)) : 0;
        if (isDue(check)) {
          if (!since.some(wentForward)) expect(age).toBeGreaterThanOrEqual(30 * minute);
          ranAt = check.passed;
          since = [];
        } else expect(age - unknown).toBeLessThan(30 * minute);
      }
    }),
    { numRuns: 60 },
  );
}

/** The next run is never shown in the past, nor later than the schedule and the age allow. */
function checkShown(parts: Parts): void {
  fc.assert(
    fc.property(entries, fc.constantFrom(...nights), night, (entry, start, all) => {
      for (const { decision, wall } of play(entry, { start, step }, all, parts)) {
        if (decision.kind === 'due' || decision.next === undefined) continue;
        expect(decision.next).toBeGreaterThan(wall);
        expect(decision.next).toBeLessThanOrEqual(wall + 49 * 60 * minute);
      }
    }),
    { numRuns: 20 },
  );
}

/** Believes the wall clock of then, as if it were never set. */
const trusting: Parts = { decide, timeOf: ({ at }) => at };
/** Takes whatever lies in the future for missed, at once. */
const hasty: Parts = {
  timeOf,
  decide: (entry, history, now) => decide(entry, { ...history, lastStartNow: undefined }, now),
};
/** Counts by the clock that stands still while the machine sleeps. */
const asleep: Parts = { decide, timeOf: ({ elapsed }, clock) => clock.now() - (clock.elapsed() - elapsed) };
/** Takes every time that a clock shows again for a new one. */
const forgetful: Parts = {
  timeOf,
  decide: (entry, history, now) => decide(entry, { ...history, lastStart: history.lastStartNow }, now),
};

describe('a clock that is set, and a machine that sleeps', () => {
  test('make a schedule miss no time and run none twice', () => checkSchedule(real));
  test('by an hour back: a daily entry runs once that night, an hourly one every hour', () =>
    checkSetBack(real));
  test('leave an age what it is', () => checkAge(real));
  test('show no next run in the past, and none that is further off than a run is', () => checkShown(real));

  test('would make an age an hour longer if the clock of then were believed (twin)', () => {
    expect(() => checkAge(trusting)).toThrow();
  });
  test('would make entries run at once when the clock goes back if they were taken for late (twin)', () => {
    expect(() => checkSetBack(hasty)).toThrow();
  });
  test('would miss what fired while the machine slept if only time awake counted (twin)', () => {
    expect(() => checkAge(asleep)).toThrow();
  });
  test('would run a daily entry twice in a night if a time that is shown again were new (twin)', () => {
    expect(() => checkSetBack(forgetful)).toThrow();
  });
});
