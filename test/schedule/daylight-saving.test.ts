import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextFire } from '../../src/schedule/cron.ts';
import { decide } from '../../src/schedule/due.ts';

const minute = 60_000;
const hour = 60 * minute;
const zone = 'Europe/Helsinki';
/** Two days around each change of Helsinki's clocks: 03:00 becomes 04:00 in spring, 04:00 becomes 03:00 in autumn. */
const changes = { spring: '2027-03-27T12:00:00Z', autumn: '2027-10-30T12:00:00Z' };
const length = 48 * hour;

type NextFire = typeof nextFire;

/** Every time of a schedule from `start` on, each asked for from the one before. */
function chain(schedule: string, start: number, next: NextFire = nextFire): number[] {
  const times: number[] = [];
  for (let at = next(schedule, zone, start); at !== undefined && at < start + length;) {
    times.push(at);
    at = next(schedule, zone, at);
  }
  return times;
}

const clockTime = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' });
const shown = (schedule: string, start: string): string[] =>
  chain(schedule, Date.parse(start)).map((time) => clockTime.format(time));

/** Whatever moment an entry ran at, its next time is the first one of the chain after it: none is skipped or doubled. */
function checkChain(next: NextFire): void {
  const schedules = ['0 * * * *', '*/20 * * * *', '30 3 * * *', '15 2,3,4 * * *', '0 4 * * *', '59 2 * * *'];
  const cases = fc.constantFrom(changes.spring, changes.autumn).map((text) => Date.parse(text));
  fc.assert(
    fc.property(
      fc.constantFrom(...schedules),
      cases,
      fc.array(fc.integer({ min: 0, max: length - 1 }), { minLength: 20, maxLength: 20 }),
      (schedule, start, moments) => {
        const times = chain(schedule, start, next);
        for (const moment of moments) {
          const expected = times.find((time) => time > start + moment);
          if (expected !== undefined) expect(next(schedule, zone, start + moment)).toBe(expected);
        }
      },
    ),
    { numRuns: 60 },
  );
}

/** Takes every other minute's summer time for good. */
const mixed: NextFire = (schedule, named, after) =>
  nextFire(schedule, after % (2 * minute) < minute ? named : 'Etc/GMT-3', after);

describe('a schedule in a zone whose clocks change', () => {
  test('hourly goes on every hour: 23 times in the short day, 25 times in the long one', () => {
    for (const start of Object.values(changes)) {
      const times = chain('0 * * * *', Date.parse(start));
      expect(new Set(times.map((time, index) => time - (times[index - 1] ?? time - hour)))).toEqual(
        new Set([hour]),
      );
      expect(times).toHaveLength(47);
    }
    expect(shown('0 2-5 * * *', changes.spring)).toEqual([
      '02:00',
      '04:00',
      '05:00',
      '02:00',
      '03:00',
      '04:00',
      '05:00',
    ]);
  });

  test('daily runs once in the night that has no such time, and once in the night that has it twice', () => {
    expect(shown('30 3 * * *', changes.spring)).toEqual(['04:00', '03:30']);
    expect(shown('30 3 * * *', changes.autumn)).toEqual(['03:30', '03:30']);
    expect(
      chain('30 3 * * *', Date.parse(changes.autumn)).map((time) => new Date(time).toISOString()),
    ).toEqual(['2027-10-31T00:30:00.000Z', '2027-11-01T01:30:00.000Z']);
  });

  test('is the same from whatever moment one looks', () => checkChain(nextFire));

  test('that knew no change of clocks at some moments would be found out (twin: summer time at every other)', () => {
    expect(() => checkChain(mixed)).toThrow();
  });

  test('of a service counts like one of the entry', () => {
    const now = Date.parse('2027-10-31T01:29:00Z');
    const quiet = { unfinished: false, failures: 0, lastFailure: undefined, asked: false };
    const entry = { service: 's', latest_ordinal: 5, schedule: '30 3 * * *', timezone: zone };
    // 03:30 came an hour ago, and comes again in a minute.
    const ran = { ...quiet, lastStart: Date.parse('2027-10-31T00:30:00Z') };
    expect(decide(entry, ran, now)).toMatchObject({ kind: 'waiting' });
    expect(decide(entry, ran, now + 2 * minute)).toMatchObject({ kind: 'waiting' });
    expect(decide(entry, { ...ran, lastStart: ran.lastStart - minute }, now)).toMatchObject({ kind: 'due' });
  });
});
