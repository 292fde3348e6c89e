import { hash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createKeySet, type KeySet } from '../../src/sync/key-set.ts';

const zeros = '0'.repeat(32);
const hex = fc.string({
  unit: fc.constantFrom(...'0123456789abcdef'.split('')),
  minLength: 32,
  maxLength: 32,
});

/** Keys that could be taken for each other: few different ones, MD5 sums of others, near zero, other cases. */
const keys = fc.oneof(
  fc.constantFrom('', 'a', 'b', zeros, `${zeros.slice(1)}1`, `1${zeros.slice(1)}`, `${zeros}0`, 'key a'),
  fc.constantFrom('', 'a', 'b', zeros).map((text) => hash('md5', text)),
  hex,
  hex.map((text) => text.toUpperCase()),
  fc.string(),
  fc.nat(30).map((i) => i.toString(16).padStart(32, '0')),
);

/** Does the same as a Set of strings. */
function checkAgainstSet(create: () => KeySet): void {
  fc.assert(
    fc.property(fc.array(keys, { maxLength: 200 }), (added) => {
      const real = create();
      const model = new Set<string>();
      for (const key of added) {
        expect(real.has(key)).toBe(model.has(key));
        expect(real.add(key)).toBe(!model.has(key));
        model.add(key);
        expect(real.size).toBe(model.size);
      }
      for (const key of added) expect(real.has(key)).toBe(true);
    }),
  );
}

function sum(key: string): string {
  return /^[0-9a-f]{32}$/.test(key) ? key : hash('md5', key);
}

const confused = (): KeySet => {
  const sums = new Set<string>();
  return {
    get size() {
      return sums.size;
    },
    has: (key) => sums.has(sum(key)),
    add(key) {
      const isNew = !sums.has(sum(key));
      sums.add(sum(key));
      return isNew;
    },
  };
};

describe('the set of record keys', () => {
  test('does what a Set does', () => {
    checkAgainstSet(createKeySet);
  });

  test('is checked so that keys taken for their own MD5 sum are found (twin)', () => {
    expect(() => checkAgainstSet(confused)).toThrow();
  });

  test('knows the key of all zeros, which is how an empty place looks', () => {
    const set = createKeySet();
    expect(set.has(zeros)).toBe(false);
    expect(set.add(zeros)).toBe(true);
    expect(set.add(zeros)).toBe(false);
    expect(set.has(zeros)).toBe(true);
    expect(set.size).toBe(1);
  });

  test('keeps every key while it grows', () => {
    const set = createKeySet();
    const added = Array.from({ length: 20_000 }, (_, i) => hash('md5', String(i)));
    for (const key of added) expect(set.add(key)).toBe(true);
    expect(set.size).toBe(added.length);
    expect(added.every((key) => set.has(key) && !set.add(key))).toBe(true);
    expect(set.has(hash('md5', 'another'))).toBe(false);
  });

  test.each([
    ['counted', (i: number) => i.toString(16).padStart(32, '0')],
    ['made at about the same time', (i: number) => `0198c3f2${i.toString(16).padStart(8, '0').repeat(3)}`],
    ['counted at their beginning', (i: number) => i.toString(16).padStart(8, '0').padEnd(32, '0')],
  ])('stays fast with keys that are %s', (_, key) => {
    const set = createKeySet();
    const began = performance.now();
    for (let i = 1; i <= 50_000; i += 1) set.add(key(i));
    // All in one row of places it takes minutes.
    expect(performance.now() - began).toBeLessThan(2000);
    expect(set.size).toBe(50_000);
  });
});
