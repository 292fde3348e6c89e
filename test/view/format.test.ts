import { describe, expect, test } from 'vitest';
import { count, counted, duration, localTime } from '../../src/view/format.ts';

test('numbers have commas and are whole', () => {
  expect([count(0), count(999), count(10_133), count(1234.6)]).toEqual(['0', '999', '10,133', '1,235']);
});

test('a noun agrees with its number', () => {
  expect([0, 1, 2, 10_133].map((value) => counted(value, 'record'))).toEqual([
    '0 records',
    '1 record',
    '2 records',
    '10,133 records',
  ]);
});

test.each([
  [-5, '0 s'],
  [0, '0 s'],
  [0.04, '0 s'],
  [1.69, '1.6 s'],
  [9.999, '9.9 s'],
  [10, '10 s'],
  [119.9, '119 s'],
  [120, '2 min'],
  [3599, '59 min'],
  [3600, '1 h 0 min'],
  [11_532, '3 h 12 min'],
  [47 * 3600 + 59 * 60, '47 h 59 min'],
  [48 * 3600, '2 d 0 h'],
  [187_200, '2 d 4 h'],
])('%d seconds are said as %s', (seconds, said) => {
  expect(duration(seconds)).toBe(said);
});

describe('local time', () => {
  test.each([
    ['UTC', '2026-11-21 10:51:06'],
    ['Europe/Helsinki', '2026-11-21 12:51:06'],
    ['America/New_York', '2026-11-21 05:51:06'],
  ])('in %s it is %s', (zone, said) => {
    const before = process.env['TZ'];
    process.env['TZ'] = zone;
    expect(localTime(Date.UTC(2026, 10, 21, 10, 51, 6))).toBe(said);
    process.env['TZ'] = before;
  });
});
