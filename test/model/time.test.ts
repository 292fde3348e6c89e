import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatTimestamp, parseTimestamp } from '../../src/model/time.ts';

const at = (text: string): number => Date.parse(text) / 1000;

/** Any second of the years a timestamp can name. */
const seconds = fc.integer({ min: at('0000-01-01T00:00:00Z'), max: at('9999-12-31T23:59:59Z') });

type Parse = typeof parseTimestamp;

/** Whatever is written can be read: the twin below shows that this notices a parser that is a little off. */
function checkRoundTrip(parse: Parse): void {
  fc.assert(fc.property(seconds, (moment) => parse(formatTimestamp(moment)) === moment));
}

function checkRefusals(parse: Parse): void {
  expect(impossible.filter((text) => parse(text) !== undefined)).toEqual([]);
}

const impossible = [
  '2026-02-30T00:00:00Z',
  '2026-02-29T00:00:00Z',
  '1900-02-29T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-00-10T00:00:00Z',
  '2026-13-10T00:00:00Z',
  '2026-01-00T00:00:00Z',
  '2026-01-32T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T12:60:00Z',
  '2026-01-01T12:00:60Z',
  '2026-01-01T12:00:00+24:00',
  '2026-01-01T12:00:00+01:60',
  '2026-01-01T12:00:00+1:00',
  '2026-01-01T12:00:00+01',
  '2026-01-01T12:00:00+01:00Z',
  '2026-01-01T12:00:00 UTC',
  '2026-01-01T12:00:00.Z',
  '2026-01-01T12:00.5Z',
  '2026-01-01T12Z',
  '2026-01-01',
  '2026-1-01T12:00:00Z',
  '26-01-01T12:00:00Z',
  '+002026-01-01T12:00:00Z',
  '2026/01/01T12:00:00Z',
  '2026-01-01_12:00:00Z',
  '２０２６-01-01T12:00:00Z',
  'x2026-01-01T12:00:00Z',
  '2026-01-01T12:00:00Zx',
  '1767268800',
  'null',
  'now',
  '',
  ' ',
];

const lenient: Parse = (text) => {
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : moment / 1000;
};

const julian: Parse = (text) => {
  const moment = parseTimestamp(text);
  return moment === undefined || moment > at('1900-03-01T00:00:00Z') ? moment : moment + 86_400;
};

describe('a timestamp', () => {
  test('comes back as it was written', () => {
    checkRoundTrip(parseTimestamp);
  });

  test('that does not come back is noticed (twin: a parser without the century rule)', () => {
    expect(() => checkRoundTrip(julian)).toThrow();
  });

  test('that names no moment is refused', () => {
    checkRefusals(parseTimestamp);
  });

  test('that names no moment is not refused by Date (twin)', () => {
    expect(() => checkRefusals(lenient)).toThrow();
  });

  test.each([
    ['2026-07-09T23:27:00+00:00', '2026-07-09T23:27:00Z'],
    ['2026-07-09T23:27:00', '2026-07-09T23:27:00Z'],
    ['2026-07-09 23:27', '2026-07-09T23:27:00Z'],
    ['2026-07-09t23:27:00z', '2026-07-09T23:27:00Z'],
    ['  2026-07-09T23:27:00Z\n', '2026-07-09T23:27:00Z'],
    ['2026-07-09T23:27:00.999999Z', '2026-07-09T23:27:00Z'],
    ['2026-07-10T02:27:00+03:00', '2026-07-09T23:27:00Z'],
    ['2026-07-10T02:27:00+0300', '2026-07-09T23:27:00Z'],
    ['2026-07-09T19:57:00-03:30', '2026-07-09T23:27:00Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00Z'],
    ['1969-12-31T23:59:59Z', '1969-12-31T23:59:59Z'],
  ])('may be written as "%s"', (text, same) => {
    expect(parseTimestamp(text)).toBe(at(same));
  });

  test('with any offset is the moment that Date takes it for', () => {
    const offset = fc.tuple(
      fc.constantFrom('+', '-'),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
    );
    fc.assert(
      fc.property(seconds, offset, (moment, [sign, hours, minutes]) => {
        const zone = `${sign}${two(hours)}:${two(minutes)}`;
        const text = formatTimestamp(moment).replace('Z', zone);
        return parseTimestamp(text) === at(text);
      }),
    );
  });

  test('never makes anything but a whole second or nothing of a text', () => {
    const near = fc
      .tuple(seconds.map(formatTimestamp), fc.nat(19), fc.string({ maxLength: 2 }))
      .map(([text, place, other]) => text.slice(0, place) + other + text.slice(place + 1));
    fc.assert(
      fc.property(fc.oneof(fc.string(), near), (text) => {
        const moment = parseTimestamp(text);
        return moment === undefined || Number.isSafeInteger(moment);
      }),
    );
  });
});

function two(value: number): string {
  return String(value).padStart(2, '0');
}
