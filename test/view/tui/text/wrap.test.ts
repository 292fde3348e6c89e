import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cells } from '../../../../src/view/tui/text/cells.ts';
import { plainText, say } from '../../../../src/view/tui/text/line.ts';
import { wrapLine } from '../../../../src/view/tui/text/wrap.ts';

const lines = (text: string, width: number, indent = 0): string[] =>
  wrapLine(say(text), width, indent).map((line) => plainText(line));

describe('a line that is wrapped', () => {
  test('breaks between words, each part behind its indent', () => {
    expect(lines('reads about 41,200 members again', 14)).toEqual(['reads about', '41,200 members', 'again']);
    expect(lines('one two', 5, 2)).toEqual(['  one', '  two']);
  });

  test('breaks a word that is longer than a line', () => {
    expect(lines('x otm-1234567890 y', 6)).toEqual(['x', 'otm-12', '345678', '90 y']);
  });

  test('keeps the tone of each word', () => {
    const line = [
      { text: 'Reset it?  ', tone: 'strong' as const },
      { text: 'it costs', tone: 'warn' as const },
    ];
    expect(wrapLine(line, 14)).toEqual([
      [
        { text: 'Reset it?  ', tone: 'strong' },
        { text: 'it', tone: 'warn' },
      ],
      [{ text: 'costs', tone: 'warn' }],
    ]);
  });

  test('says all of its words, in order, and never more than fits', () => {
    const text = fc
      .array(fc.constantFrom('a', 'reads', ' ', '  ', '日本語', 'otm-1234567890'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 30 }), (said, width) => {
        const wrapped = lines(said, width);
        for (const line of wrapped) expect(cells(line)).toBeLessThanOrEqual(width);
        expect(wrapped.join('').replaceAll(' ', '')).toBe(said.replaceAll(' ', ''));
      }),
    );
  });
});
