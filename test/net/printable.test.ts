import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable } from '../../src/net/printable.ts';

test('cuts out escape sequences, line breaks and direction marks', () => {
  expect(printable('\u001b[31mred\u001b[0m\r\nnext\u202eline\u0085')).toBe('[31mred [0m next line');
});

test('leaves names and emoji as they are', () => {
  expect(printable('Åsa Öberg 漢字 🙂')).toBe('Åsa Öberg 漢字 🙂');
});

test('cuts off what is too long', () => {
  expect(printable('x'.repeat(1000), 10)).toBe(`${'x'.repeat(10)}...`);
});

// Any code unit, half of the time one from the corners where control characters live.
const unit = fc.oneof(fc.integer({ min: 0, max: 0xff_ff }), fc.integer({ min: 0, max: 0x9f }));

test('lets no control character through and stays short, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 400 }), (units) => {
      const shown = printable(String.fromCharCode(...units), 50);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(shown.isWellFormed()).toBe(true);
      expect(shown.length).toBeLessThanOrEqual(53);
    }),
  );
});
