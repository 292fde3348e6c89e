import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRanks, type Ranks } from '../../src/simulator/ranks.ts';

const rows = fc.record({
  capacity: fc.integer({ min: 1, max: 70 }),
  filled: fc.nat(70),
  flips: fc.array(fc.nat(69), { maxLength: 60 }),
});

function check(create: (capacity: number, filled: number) => Ranks): void {
  fc.assert(
    fc.property(rows, ({ capacity, filled, flips }) => {
      const start = Math.min(filled, capacity);
      const ranks = create(capacity, start);
      const row = Array.from({ length: capacity }, (_, slot) => slot < start);
      for (const flip of flips) {
        const slot = flip % capacity;
        if (row[slot]) ranks.clear(slot);
        else ranks.set(slot);
        row[slot] = !row[slot];
      }
      const set = [...row.keys()].filter((slot) => row[slot]);
      for (let slot = 0; slot <= capacity; slot++) {
        expect(ranks.before(slot)).toBe(set.filter((one) => one < slot).length);
      }
      for (const [rank, slot] of set.entries()) expect(ranks.at(rank)).toBe(slot);
    }),
    { numRuns: 200 },
  );
}

test('counting and finding set slots agrees with looking at all of them', () => {
  check(createRanks);
});

test('twin: a row that forgets to clear is caught', () => {
  expect(() =>
    check((capacity, filled) => ({ ...createRanks(capacity, filled), clear: () => {} })),
  ).toThrow();
});
