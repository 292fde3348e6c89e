import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { unstorableSign } from '../../src/consumer/unstorable.ts';

const text = fc
  .array(fc.constantFrom('\0', '\ud83d', '\ude00', '\\', 'u0000', 'ud800', '"', 'a', '\n', '\u0001', '😀'))
  .map((signs) => signs.join(''));

test('it finds NUL and halves of surrogate pairs, and nothing else', () => {
  fc.assert(
    fc.property(text, text, (name, value) => {
      const isBad = [name, value].some((part) => part.includes('\0') || !part.isWellFormed());
      expect(unstorableSign(JSON.stringify([{ [name]: value }])) !== undefined).toBe(isBad);
    }),
    { numRuns: 500 },
  );
});

test('it takes no longer than reading, whatever the text', () => {
  const started = performance.now();
  expect(unstorableSign(JSON.stringify('\\'.repeat(2_000_000)))).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(1000);
});
