import { describe, expect, test } from 'vitest';
import { SettingError } from '../../src/model/errors.ts';
import { nextFire, scheduleProblem } from '../../src/schedule/cron.ts';

function next(schedule: string, zone: string | undefined, after: string): string {
  const time = nextFire(schedule, zone, Date.parse(after));
  return time === undefined ? 'never' : new Date(time).toISOString();
}

describe('the next time of a schedule', () => {
  test('lies strictly after the given moment', () => {
    expect(next('0 * * * *', undefined, '2026-11-21T09:59:59.999Z')).toBe('2026-11-21T10:00:00.000Z');
    expect(next('0 * * * *', undefined, '2026-11-21T10:00:00.000Z')).toBe('2026-11-21T11:00:00.000Z');
    expect(next('0 * * * *', undefined, '2026-11-21T10:00:00.001Z')).toBe('2026-11-21T11:00:00.000Z');
  });

  test('is counted in UTC, or in the zone the entry names, summer and winter', () => {
    expect(next('30 3 * * *', undefined, '2026-11-21T00:00:00Z')).toBe('2026-11-21T03:30:00.000Z');
    expect(next('30 3 * * *', 'Europe/Helsinki', '2026-11-21T00:00:00Z')).toBe('2026-11-21T01:30:00.000Z');
    expect(next('30 3 * * *', 'Europe/Helsinki', '2026-07-21T00:00:00Z')).toBe('2026-07-21T00:30:00.000Z');
  });

  test('in the hour a clock skips is at the end of the gap, and the day is not left out', () => {
    expect(next('30 3 * * *', 'Europe/Helsinki', '2027-03-27T12:00:00Z')).toBe('2027-03-28T01:00:00.000Z');
    expect(next('30 3 * * *', 'Europe/Helsinki', '2027-03-28T01:00:00Z')).toBe('2027-03-29T00:30:00.000Z');
  });

  test('in the hour that comes twice is there once, and for an hourly schedule twice', () => {
    expect(next('30 3 * * *', 'Europe/Helsinki', '2027-10-30T12:00:00Z')).toBe('2027-10-31T00:30:00.000Z');
    expect(next('30 3 * * *', 'Europe/Helsinki', '2027-10-31T00:30:00Z')).toBe('2027-11-01T01:30:00.000Z');
    expect(next('0 * * * *', 'Europe/Helsinki', '2027-10-30T23:30:00Z')).toBe('2027-10-31T00:00:00.000Z');
    expect(next('0 * * * *', 'Europe/Helsinki', '2027-10-31T00:00:00Z')).toBe('2027-10-31T01:00:00.000Z');
  });

  test('is never for a schedule that has run out', () => {
    expect(next('0 0 0 1 1 * 2020', undefined, '2026-11-21T00:00:00Z')).toBe('never');
  });

  test.each([
    ['every now and then', undefined],
    ['99 * * * *', undefined],
    ['', undefined],
    ['0 * * * *', 'Mars/Base'],
  ])('cannot be told of "%s" in zone %s', (schedule, zone) => {
    expect(() => nextFire(schedule, zone, 0)).toThrow(SettingError);
    expect(scheduleProblem(schedule, zone)).toEqual(expect.any(String));
  });
});

describe('what is wrong with a schedule', () => {
  test('is nothing when it can be followed', () => {
    expect(scheduleProblem('*/5 * * * *', 'Europe/Helsinki')).toBeUndefined();
    expect(scheduleProblem('@hourly', undefined)).toBeUndefined();
  });

  test('is also that it never comes true, for the entry would never run', () => {
    expect(scheduleProblem('0 0 30 2 *', undefined)).toBe('it never comes true');
  });
});
