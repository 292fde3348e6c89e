import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTracker, type Tracker } from '../../src/sync/tracker.ts';

/** Pages 0 .. n-1 in any order. */
const orders = fc
  .integer({ min: 1, max: 60 })
  .chain((count) => fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }));

type Create = (first: number) => Tracker<string>;

/** Invariant 2, for every order of confirmations and every first page. */
function checkPrefix(create: Create): void {
  fc.assert(
    fc.property(orders, fc.nat(1000), (order, first) => {
      const tracker = create(first);
      const confirmed = new Set<number>();
      const marks: string[] = [];
      for (const page of order) {
        marks.push(...tracker.confirm(first + page, `page ${page}`));
        confirmed.add(page);
        let prefix = 0;
        while (confirmed.has(prefix)) prefix += 1;
        expect(tracker.prefix).toBe(prefix);
        expect(marks).toEqual([...Array(prefix).keys()].map((number) => `page ${number}`));
      }
    }),
  );
}

const highest: Create = (first) => {
  let next = first;
  return {
    get prefix() {
      return next - first;
    },
    confirm(page, mark) {
      next = Math.max(next, page + 1);
      return [mark];
    },
  };
};

describe('the tracker of confirmed pages', () => {
  test('knows the unbroken prefix and hands over its marks in page order, once each', () => {
    checkPrefix(createTracker);
  });

  test('is checked so that one that follows the highest page is found (twin)', () => {
    expect(() => checkPrefix(highest)).toThrow();
  });
});
