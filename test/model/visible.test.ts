import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SourceError } from '../../src/model/errors.ts';
import { safeJson, visible } from '../../src/model/visible.ts';

/** Anything a terminal or a reader could be led astray by (invariant 8). */
const dangerous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Texts with many of the signs that matter among ordinary ones. */
const nasty = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\u001b[2J',
      '\u0007',
      '\r\n',
      '\u009b',
      '\u202e',
      '\u2066',
      '\u2028',
      '\u200d',
      '\ud800',
      '\u{e0041}',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});

const asIs = (text: string): string => text;

const redact = (text: string): string => text.replaceAll('s"cret', '***');

const lazy = (text: string): string => text.replaceAll(/[^ -\uffff]/g, '');

describe('text from outside', () => {
  test('comes out without a sign that could do anything', () => {
    fc.assert(fc.property(nasty, (text) => !dangerous.test(visible(text))));
  });

  test('would do so if only C0 controls were taken out (twin)', () => {
    expect(() => fc.assert(fc.property(nasty, (text) => !dangerous.test(lazy(text))))).toThrow();
  });

  test('shows what was in it', () => {
    expect(visible('a\u001b[31mb')).toBe('a\\x1b[31mb');
    expect(visible('one\r\ntwo')).toBe('one\\x0d\\x0atwo');
    expect(visible('evil\u202etxt.exe')).toBe('evil\\u202etxt.exe');
    expect(visible('tag \u{e0041}')).toBe('tag \\u{e0041}');
    expect(visible('half \ud83d')).toBe('half \\ud83d');
  });

  test('that is harmless stays as it is, in any script', () => {
    const text = 'Åsa Öberg, 山田, عمر, 🎉 "quoted" \\ back';
    expect(visible(text)).toBe(text);
  });
});

describe('a value as a line of JSON', () => {
  test('says the same and holds nothing dangerous', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), nasty, (value, text) => {
        const whole = { value, text };
        const line = safeJson(whole, asIs);
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(whole)));
        return !dangerous.test(line);
      }),
    );
  });

  test('would not stay JSON if it were made visible as text is (twin)', () => {
    expect(() => JSON.parse(visible(JSON.stringify('\u009b')))).toThrow();
  });

  test('has the secrets taken out of its texts', () => {
    expect(safeJson({ url: 'x?key=s"cret' }, redact)).toBe('{"url":"x?key=***"}');
  });

  test('tells of an error what a person needs', () => {
    const error = new SourceError('it broke', { code: 'source.x', recovery: 'stop', hint: 'mend it' });
    expect(JSON.parse(safeJson({ error }, asIs))).toEqual({
      error: { code: 'source.x', message: 'it broke', hint: 'mend it', recovery: 'stop' },
    });
    expect(JSON.parse(safeJson(new Error('bare'), asIs))).toEqual({ message: 'bare' });
    expect(safeJson(undefined, asIs)).toBe('null');
  });
});
