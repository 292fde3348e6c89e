import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHttpDate } from '../../src/net/http-date.ts';

const moment = Date.parse('1994-11-06T08:49:37Z');

test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])('reads %s', (text) => {
  expect(parseHttpDate(text)).toBe(moment);
});

test('reads the two-digit year of the old form as one of this century', () => {
  expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT')).toBe(Date.parse('2094-11-06T08:49:37Z'));
});

test('reads back whatever a server writes', () => {
  const dates = fc.date({ min: new Date('1970-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(dates, (date) => {
      expect(parseHttpDate(date.toUTCString())).toBe(Math.floor(date.getTime() / 1000) * 1000);
    }),
  );
});

test.each([
  '',
  '1.5',
  '3 Nov',
  'tomorrow',
  '2026-11-21',
  'Mon, 30 Feb 2026 10:00:00 GMT',
  'Sun, 06 Nov 1994 25:49:37 GMT',
])('does not take "%s" for a date', (text) => {
  expect(parseHttpDate(text)).toBeUndefined();
});
