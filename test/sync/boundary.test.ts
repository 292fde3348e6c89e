import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourceRecord } from '../../src/model/record.ts';
import { margin, mendBoundary, nextDrift, slid, type Stretch } from '../../src/sync/boundary.ts';
import { memberOf } from '../support/fixed-list.ts';

interface Scene {
  readonly members: number;
  readonly offset: number;
  readonly covered: number;
  readonly longest: number;
  /** Which positions leave before the later page is read, and before each request of the mending. */
  readonly leaving: readonly (readonly number[])[];
}

const scenes: fc.Arbitrary<Scene> = fc.record({
  members: fc.integer({ min: 1, max: 60 }),
  offset: fc.integer({ min: 1, max: 40 }),
  covered: fc.integer({ min: 0, max: 5 }),
  longest: fc.integer({ min: 1, max: 12 }),
  leaving: fc.array(fc.array(fc.nat(59), { maxLength: 10 }), { maxLength: 12 }),
});

/** Reads the two pages and mends the boundary between them. What stands behind the first page and is still there must have been seen. */
async function checkMending(slidUnder: typeof slid): Promise<void> {
  await fc.assert(
    fc.asyncProperty(scenes, async ({ members, offset, covered, longest, leaving }) => {
      fc.pre(covered <= offset);
      const list: SourceRecord[] = Array.from({ length: members }, (_, i) => memberOf(`m${i}`, i));
      const leavings = [...leaving];
      const leave = (): void => {
        for (const place of leavings.shift() ?? []) if (place < list.length) list.splice(place, 1);
      };
      const behind = list.slice(offset);
      const before = list.length;
      leave();
      const seen = new Set(list.slice(offset - covered));
      const now = list.length;
      const asked: Stretch[] = [];
      const found = await mendBoundary(
        { offset, covered, before, now, longest },
        async (stretch) => {
          leave();
          if (stretch.limit < 1 || stretch.limit > longest || stretch.offset < 0)
            throw new Error('no such page');
          asked.push(stretch);
          return await Promise.resolve({
            records: list.slice(stretch.offset, stretch.offset + stretch.limit),
            total: list.length,
            bytes: 0,
          });
        },
        slidUnder,
      );
      for (const record of found) seen.add(record);
      const there = new Set(list);
      expect(behind.filter((record) => there.has(record) && !seen.has(record))).toEqual([]);
      expect(asked.length).toBeLessThanOrEqual(offset);
      // Nothing slid: nothing is asked for.
      if (before - now <= covered) expect(asked).toEqual([]);
    }),
    { numRuns: 300 },
  );
}

const short: typeof slid = (offset, before, now) => {
  const distance = before - now - 1;
  if (distance <= 0 || offset === 0) return undefined;
  const limit = Math.min(offset, distance);
  return { offset: offset - limit, limit };
};

describe('a page boundary in a list that shrinks (S7)', () => {
  test('is mended: whatever slid under it is read, however much leaves meanwhile', async () => {
    await checkMending(slid);
  });

  test('is checked so that records slipped under it are found (twin: no reading again)', async () => {
    await expect(checkMending(() => undefined)).rejects.toThrow();
  });

  test('is checked so that a stretch too short is found (twin: a record less than slid)', async () => {
    await expect(checkMending(short)).rejects.toThrow();
  });

  test('needs nothing when the total did not fall, or the page is the first', () => {
    expect(slid(100, 50, 50)).toBeUndefined();
    expect(slid(100, 50, 60)).toBeUndefined();
    expect(slid(0, 50, 40)).toBeUndefined();
    expect(slid(100, 50, 47)).toEqual({ offset: 94, limit: 6 });
    expect(slid(4, 50, 40)).toEqual({ offset: 0, limit: 4 });
  });
});

describe('the margin before a boundary', () => {
  test('is nothing for a list that stands still, and a quarter of a page at most', () => {
    expect(margin(0, 1000)).toBe(0);
    expect(margin(3, 1000)).toBe(6);
    expect(margin(0.1, 1000)).toBe(1);
    expect(margin(4000, 1000)).toBe(250);
    expect(margin(4000, 1)).toBe(0);
  });

  test('follows the pace at which records slide: up at once, down slowly', () => {
    expect(nextDrift(0, 8)).toBe(8);
    expect(nextDrift(8, 0)).toBe(7);
    expect(nextDrift(8, -5)).toBe(7);
    let drift = 100;
    for (let pages = 0; pages < 100; pages += 1) drift = nextDrift(drift, 0);
    expect(drift).toBeLessThan(0.001);
  });
});
