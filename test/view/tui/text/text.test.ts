import * as fc from 'fast-check';
import { Text, renderToString } from 'ink';
import { createElement } from 'react';
import { describe, expect, test } from 'vitest';
import { createClean } from '../../../../src/view/tui/state/clean.ts';
import { cells, cut, wrapped } from '../../../../src/view/tui/text/cells.ts';
import { fit } from '../../../../src/view/tui/text/fit.ts';
import { unicodeGlyphs } from '../../../../src/view/tui/text/glyphs.ts';
import { bar, sparkline } from '../../../../src/view/tui/text/graphs.ts';
import { cutLine, padLine, plainText, say, widthOf } from '../../../../src/view/tui/text/line.ts';
import { choosePaint } from '../../../../src/view/tui/text/paint.ts';
import { layTable } from '../../../../src/view/tui/text/table.ts';
import {
  ago,
  countdown,
  perSecond,
  seconds,
  shortCount,
  timeLeft,
  upcoming,
} from '../../../../src/view/tui/text/words.ts';
import { hostileText } from '../../hostile.ts';

process.env['TZ'] = 'UTC';

const clean = createClean((text) => text);

describe('cells', () => {
  test.each([
    ['abc', 3],
    ['日本語', 6],
    ['ä', 1],
    ['a\u0308', 1],
    ['▶ load', 6],
    ['🎉', 2],
    ['', 0],
    ['한국', 4],
  ])('%s takes %i', (text, width) => {
    expect(cells(text)).toBe(width);
  });

  test('a text is cut to its width, wide signs whole, with a mark', () => {
    expect(cut('list 1a2d7ebf82', 8, '…')).toBe('list 1a…');
    expect(cut('日本語', 5, '…')).toBe('日本…');
    expect(cut('日本語', 4, '…')).toBe('日…');
    expect(cut('short', 8, '…')).toBe('short');
    expect(cut('x', 0, '…')).toBe('');
  });

  test('a cut text never takes more cells than it may, a wrapped one loses nothing', () => {
    fc.assert(
      fc.property(hostileText.map(clean), fc.integer({ min: 2, max: 30 }), (text, width) => {
        expect(cells(cut(text, width, '…'))).toBeLessThanOrEqual(width);
        const lines = wrapped(text, width);
        expect(lines.join('')).toBe(text);
        for (const line of lines) expect(cells(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('Ink, which lays the row out, agrees for the scripts that people write names in', () => {
    for (const text of [
      'Käufer',
      '日本語リスト',
      'Ελληνικά',
      'Русский',
      '한국어',
      'ไทย',
      'हिन्दी',
      '中文（简体）',
      '🎉 party',
    ].map(clean)) {
      const inRow = renderToString(createElement(Text, { wrap: 'truncate' }, text), { columns: cells(text) });
      expect(inRow).toBe(text);
    }
  });
});

describe('lines', () => {
  const line = [
    { text: 'abc', tone: 'plain' },
    { text: 'defg', tone: 'bad' },
  ] as const;

  test.each([
    [9, 'abcdefg'],
    [7, 'abcdefg'],
    [6, 'abcde…'],
    [4, 'abc…'],
    [3, 'ab…'],
    [1, '…'],
    [0, ''],
  ])('cut to %i cells', (width, text) => {
    expect(plainText(cutLine(line, width, '…'))).toBe(text);
  });

  test('padded to a width on either side', () => {
    expect(plainText(padLine(line, 9, '…'))).toBe('abcdefg  ');
    expect(plainText(padLine(line, 9, '…', 'right'))).toBe('  abcdefg');
    expect(widthOf(padLine(line, 5, '…', 'right'))).toBe(5);
  });
});

describe('fit', () => {
  const parts = [
    { spans: say('name'), drop: 0 },
    { spans: say('path/of/file'), drop: 2 },
    { spans: say('checked'), drop: 1 },
    { spans: say('counts'), drop: 0, side: 'right' as const },
  ];

  test.each([
    [40, 'name path/of/file checked         counts'],
    [32, 'name path/of/file checked counts'],
    [31, 'name checked             counts'],
    [18, 'name        counts'],
    [11, 'name counts'],
    [3, 'name counts'],
  ])('in %i cells', (width, text) => {
    expect(plainText(fit(parts, width, 1))).toBe(text);
  });
});

describe('table', () => {
  interface Row {
    readonly name: string;
    readonly note?: string;
    readonly rate?: string;
  }
  const columns = [
    { name: 'name', title: 'NAME', width: 6, gap: 0, most: 10, cell: ({ name }: Row) => say(name) },
    {
      name: 'note',
      title: 'NOTE',
      width: 6,
      gap: 1,
      cell: ({ note }: Row) => (note === undefined ? [] : say(note)),
    },
    {
      name: 'rate',
      title: 'RATE',
      width: 5,
      gap: 1,
      align: 'right' as const,
      cell: ({ rate }: Row) => (rate === undefined ? [] : say(rate)),
    },
  ];
  const at = (width: number, row: Row): string =>
    plainText(layTable(columns, ['rate', 'note'], width, '…').line(row));

  test('columns go in the order named, what is left goes to those that may grow', () => {
    expect(at(23, { name: 'a', note: 'b', rate: 'c' })).toBe('a          b          c');
    expect(at(19, { name: 'a', note: 'b', rate: 'c' })).toBe('a      b          c');
    expect(at(18, { name: 'a', note: 'b', rate: 'c' })).toBe('a          b      ');
    expect(at(12, { name: 'a', note: 'b', rate: 'c' })).toBe('a           ');
    expect(plainText(layTable(columns, ['rate', 'note'], 19, '…').head)).toBe('NAME   NOTE    RATE');
  });

  test('a long cell runs on over empty neighbours, and is cut where there are none', () => {
    expect(at(19, { name: 'a', note: 'a long note' })).toBe('a      a long note ');
    expect(at(19, { name: 'a', note: 'a long note', rate: '9/s' })).toBe('a      a lon…   9/s');
  });
});

describe('words', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1000, '1.0k'],
    [7240, '7.2k'],
    [99_949, '99.9k'],
    [99_950, '100k'],
    [999_499, '999k'],
    [999_500, '1.0M'],
    [248_119_004, '248M'],
    [-3, '0'],
  ])('%d is %s', (value, text) => {
    expect(shortCount(value)).toBe(text);
  });

  test.each([
    [0, '0/s'],
    [0.44, '0.4/s'],
    [9.94, '9.9/s'],
    [850, '850/s'],
    [1234, '1.2k/s'],
    [Number.NaN, '0/s'],
    [-1, '0/s'],
  ])('%d a second is %s', (rate, text) => {
    expect(perSecond(rate)).toBe(text);
  });

  test.each([
    [0, '0:00'],
    [2.1, '0:03'],
    [760, '12:40'],
    [11_040, '3:04:00'],
    [-5, '0:00'],
  ])('%d s left is %s', (left, text) => {
    expect(timeLeft(left)).toBe(text);
  });

  test.each([
    [0, 'now'],
    [1, 'in 10 s'],
    [38_000, 'in 40 s'],
    [40_001, 'in 50 s'],
    [119_000, 'in 120 s'],
    [120_000, 'in 2 min'],
  ])('%d ms away is %s', (ms, text) => {
    expect(countdown(ms)).toBe(text);
  });

  const now = Date.UTC(2026, 10, 21, 10, 51, 16);
  test.each([
    [30, 'just now'],
    [51 * 60, '51 min ago'],
    [2.9 * 3600, '2 h ago'],
    [3 * 86_400, 'Wed 10:51'],
    [18 * 86_400, '2026-11-03'],
    [-60, 'just now'],
  ])('%d s before is %s', (before, text) => {
    expect(ago(now - before * 1000, now)).toBe(text);
  });

  test.each([
    [-1, 'now'],
    [40, 'in 40 s'],
    [540, '11:00'],
    [86_400, 'Sun 10:51'],
  ])('%d s ahead is %s', (ahead, text) => {
    expect(upcoming(now + ahead * 1000, now)).toBe(text);
  });

  test.each([
    [214, '0.21 s'],
    [1280, '1.3 s'],
    [12_300, '12 s'],
  ])('%d ms are %s', (ms, text) => {
    expect(seconds(ms)).toBe(text);
  });
});

describe('graphs', () => {
  test.each([
    [0, '░░░░'],
    [0.5, '██░░'],
    [0.99, '███░'],
    [1, '████'],
    [7, '████'],
    [-1, '░░░░'],
    [Number.NaN, '░░░░'],
  ])('a bar at %d', (fraction, drawn) => {
    expect(bar(fraction, 4, unicodeGlyphs)).toBe(drawn);
  });

  test('a sparkline is as high as its greatest value, shows something for little and nothing for none', () => {
    expect(sparkline([0, 1, 50, 100], 10, unicodeGlyphs)).toBe(' ▁▄█');
    expect(sparkline([9, 1, 2, 3], 3, unicodeGlyphs)).toBe('▃▅█');
    expect(sparkline([0, 0], 10, unicodeGlyphs)).toBe('');
    expect(sparkline([], 10, unicodeGlyphs)).toBe('');
  });
});

describe('colours', () => {
  const line = [
    { text: '✗ failed', tone: 'bad' },
    { text: ' why', tone: 'plain' },
  ] as const;

  test('are the sixteen of the terminal', () => {
    expect(choosePaint({})(line)).toBe('\u001B[31m✗ failed\u001B[39m why');
    expect(choosePaint({ NO_COLOR: '', CI: 'true' })(line)).toContain('\u001B[31m');
  });

  test.each([[{ NO_COLOR: '1' }], [{ TERM: 'dumb' }]])('with %j there are none', (env) => {
    expect(choosePaint(env)(line)).toBe('✗ failed why');
  });
});
