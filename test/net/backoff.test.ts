import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffMs, retryAfterMs } from '../../src/net/backoff.ts';

describe('backoffMs', () => {
  test('doubles from 1 s and stops at 60 s', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 50].map((attempt) => backoffMs(attempt, () => 1))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ]);
  });

  test('spreads over the whole span', () => {
    expect(backoffMs(4, () => 0)).toBe(0);
    expect(backoffMs(4, () => 0.25)).toBe(2000);
  });

  test('never exceeds the cap or becomes negative', () => {
    const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), randoms, (attempt, random) => {
        const wait = backoffMs(attempt, () => random);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(60_000);
      }),
    );
  });
});

describe('retryAfterMs', () => {
  const localMs = Date.parse('2026-11-21T12:00:00Z');
  const read = (header: string | undefined, serverMs?: number): number | undefined =>
    retryAfterMs(header, { serverMs, localMs });

  test('reads seconds, however many', () => {
    expect(read('37')).toBe(37_000);
    expect(read(' 0 ')).toBe(0);
    expect(read('86400')).toBe(86_400_000);
  });

  test('counts a date from the clock of the server', () => {
    const header = 'Sat, 21 Nov 2026 12:01:00 GMT';
    expect(read(header)).toBe(60_000);
    expect(read(header, localMs + 45_000)).toBe(15_000);
  });

  test('takes a date that has passed as no wait', () => {
    expect(read('Sat, 21 Nov 2026 11:00:00 GMT')).toBe(0);
  });

  test.each([undefined, '', 'soon', '-5', '1.5', '99999999999999', '1e3'])('leaves out %s', (header) => {
    expect(read(header)).toBeUndefined();
  });
});
