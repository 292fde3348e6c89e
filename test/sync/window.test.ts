import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frozenWindow, queryWindow } from '../../src/sync/window.ts';

const cursors = fc.option(fc.integer({ min: 0, max: 2_000_000_000 }));
const clocks = fc.integer({ min: 0, max: 2_000_000_000_000 });

type Freeze = typeof frozenWindow;

/** Invariant 3: T is a whole second, in the past of the source, and never before the cursor. */
function checkWindow(freeze: Freeze): void {
  fc.assert(
    fc.property(cursors, clocks, (cursor, now) => {
      const { since, until } = freeze(cursor, now);
      expect(since).toBe(cursor);
      expect(Number.isInteger(until)).toBe(true);
      if (cursor === null || until > cursor) expect(until).toBeLessThanOrEqual(now / 1000 - 5);
      expect(until).toBeGreaterThanOrEqual(cursor ?? Number.NEGATIVE_INFINITY);
    }),
  );
}

describe('the window of a run (S6)', () => {
  test('ends 5 seconds before the clock of the source, never before the cursor', () => {
    checkWindow(frozenWindow);
    expect(frozenWindow(1000, 2_000_999)).toEqual({ since: 1000, until: 1995 });
    expect(frozenWindow(null, 2_000_999)).toEqual({ since: null, until: 1995 });
  });

  test('does not go back when the clock of the source does', () => {
    expect(frozenWindow(3000, 2_000_000)).toEqual({ since: 3000, until: 3000 });
  });

  test('is checked so that a wrong one is found (twins: T = now, T before the cursor)', () => {
    expect(() => checkWindow((cursor, now) => ({ since: cursor, until: Math.floor(now / 1000) }))).toThrow();
    expect(() =>
      checkWindow((cursor, now) => ({ since: cursor, until: Math.floor(now / 1000) - 5 })),
    ).toThrow();
  });
});

describe('what is asked for', () => {
  test('begins the overlap before the cursor; a full load at the beginning', () => {
    expect(queryWindow({ since: 1000, until: 1995 }, 60, undefined)).toEqual({ since: 940, until: 1995 });
    expect(queryWindow({ since: null, until: 1995 }, 60, undefined)).toEqual({ since: null, until: 1995 });
  });

  test('begins a second before the checkpoint when a run is resumed (S8)', () => {
    expect(queryWindow({ since: 1000, until: 1995 }, 60, 1500)).toEqual({ since: 1499, until: 1995 });
    expect(queryWindow({ since: null, until: 1995 }, 60, 0)).toEqual({ since: -1, until: 1995 });
  });
});
