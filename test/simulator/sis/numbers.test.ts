import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHistory } from '../../../src/simulator/sis/history.ts';
import { createOrdinals } from '../../../src/simulator/sis/ordinals.ts';
import { shareOut } from '../../../src/simulator/sis/sizes.ts';
import { createShuffle, type Shuffle } from '../../../src/simulator/sis/shuffle.ts';
import { numberedUuid, numberIn } from '../../../src/simulator/sis/words.ts';

function isOneToOne(create: (size: number, seed: number) => Shuffle): void {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer(), (size, seed) => {
      const shuffle = create(size, seed);
      const places = Array.from({ length: size }, (_, place) => place);
      const numbers = places.map((place) => shuffle.numberAt(place));
      expect(numbers.toSorted((a, b) => a - b)).toEqual(places);
      expect(numbers.map((number) => shuffle.placeOf(number))).toEqual(places);
    }),
  );
}

const createBrokenShuffle = (size: number): Shuffle => ({
  numberAt: (place) => (place * 2) % size,
  placeOf: (number) => number / 2,
});

describe('a shuffle', () => {
  test('gives every number one place, and finds it again', () => isOneToOne(createShuffle));

  test('twin: a step that divides the size is caught', () => {
    expect(() => isOneToOne(createBrokenShuffle)).toThrow();
  });

  test('is exact at ten million', () => {
    const shuffle = createShuffle(10_000_000, 5);
    for (let place = 0; place < 10_000_000; place += 99_991) {
      const number = shuffle.numberAt(place);
      expect(Number.isInteger(number) && number >= 0 && number < 10_000_000).toBe(true);
      expect(shuffle.placeOf(number)).toBe(place);
    }
  });
});

describe('ordinals', () => {
  test('increase with gaps, and the first slot behind one is found, also between two', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer(), fc.nat(3000), (first, seed, since) => {
        const ordinals = createOrdinals(first, seed);
        const all = Array.from({ length: 500 }, (_, slot) => ordinals.of(slot));
        expect(all.every((ordinal, at) => at === 0 || ordinal > (all[at - 1] ?? 0))).toBe(true);
        expect(all[0]).toBeGreaterThan(first);
        expect(ordinals.firstSlotAfter(since)).toBe(all.findIndex((ordinal) => ordinal > since));
      }),
    );
  });

  test('have gaps of many sizes', () => {
    const ordinals = createOrdinals(0, 1);
    const gaps = new Set(Array.from({ length: 500 }, (_, slot) => ordinals.of(slot + 1) - ordinals.of(slot)));
    expect(gaps.size).toBeGreaterThan(8);
  });
});

describe('a history', () => {
  test('that keeps the newest has every entity once', () => {
    const history = createHistory({ size: 100, keepsVersions: false, seed: 3, start: 1e12 });
    const numbers = Array.from({ length: history.slots }, (_, slot) => history.version(slot).number);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, number) => number));
  });

  test('that keeps versions has each in its order, and knows the newest', () => {
    const history = createHistory({ size: 100, keepsVersions: true, seed: 3, start: 1e12 });
    expect(history.slots).toBe(100 + 25 + 6);
    const revisions = new Map<number, number>();
    for (let slot = 0; slot < history.slots; slot++) {
      const { number, revision } = history.version(slot);
      expect(revision).toBe((revisions.get(number) ?? 0) + 1);
      revisions.set(number, revision);
    }
    for (const [number, revision] of revisions) expect(history.revision(number)).toBe(revision);
  });

  test('moves forward in time with its ordinals, and ends before its start', () => {
    const history = createHistory({ size: 1000, keepsVersions: true, seed: 3, start: 1e12 });
    const moments = Array.from({ length: history.slots }, (_, slot) => history.version(slot).at);
    expect(moments).toEqual(moments.toSorted((a, b) => a - b));
    expect(moments.at(-1)).toBeLessThan(1e12);
  });
});

test('a number of entities is shared out exactly', () => {
  for (const entities of [0, 1, 10, 17, 1000, 200_000, 10_000_000]) {
    const sizes = [...shareOut(entities).values()];
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(entities);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(0);
  }
});

test('an id holds the number it was made of, and no two are the same', () => {
  const ids = Array.from({ length: 2000 }, (_, number) => numberedUuid(number, 77));
  expect(new Set(ids).size).toBe(2000);
  expect(ids.map(numberIn)).toEqual(ids.map((_, number) => number));
  expect(numberIn('otm-x')).toBeNaN();
});
