import { describe, expect, test } from 'vitest';
import { frameOf } from '../../../src/view/tui/frame.ts';
import { keyNames, shortKey } from '../../../src/view/tui/keys/key-name.ts';
import { keymap, keysNow } from '../../../src/view/tui/keys/keymap.ts';
import { footerLine } from '../../../src/view/tui/parts/footer.ts';
import { screens } from '../../../src/view/tui/screens/registry.ts';
import { asciiGlyphs } from '../../../src/view/tui/text/glyphs.ts';
import { plainText } from '../../../src/view/tui/text/line.ts';
import type { Mode, Ui } from '../../../src/view/tui/model.ts';
import { busyScene, modelOf } from './scene.ts';

const modes: readonly Mode[] = [
  { type: 'browse' },
  { type: 'filter', before: '' },
  { type: 'palette', text: '', at: 0 },
  { type: 'ask', question: 'Reset?', cost: undefined, command: { type: 'reset', id: 'a' } },
];

/** Everything a person can be at. */
function* everywhere(): Generator<Partial<Ui>> {
  for (const { id } of screens) {
    for (const mode of modes) {
      yield { trail: [{ screen: 'entries' }, { screen: id, entry: 'a' }], mode };
      yield { trail: [{ screen: id, entry: 'a' }], mode };
    }
  }
}

test('every key of the table is in the help, with what it does', () => {
  const model = modelOf(busyScene(), 120, 200, { trail: [{ screen: 'help' }] });
  const help = frameOf(model).map(plainText).join('\n');
  for (const { title, keys } of keymap) {
    expect(help).toContain(title);
    for (const binding of keys) {
      const names = binding.keys.map((key) => shortKey(key, model.glyphs.enter)).join(' ');
      expect(help).toMatch(new RegExp(`^ {3}${RegExp.escape(names)} +${RegExp.escape(binding.help)}`, 'm'));
    }
  }
});

test('the help can be scrolled to its last line on the smallest screen', () => {
  expect(helpFrom(0)).not.toContain('invalid');
  expect(helpFrom(10_000)).toContain('cannot run as it is written');
});

test('a footer shows only keys that do something there', () => {
  for (const ui of everywhere()) {
    for (const columns of [40, 60, 80, 120, 200]) {
      const model = { ...modelOf(busyScene(), columns, 30, ui), glyphs: asciiGlyphs };
      const shown = plainText(footerLine(model, columns))
        .trim()
        .split(/ {2,}/)
        .map((hint) => hint.split(' ')[0] ?? '');
      const working = keysNow(model).flatMap(({ keys }) => keys.map((key) => shortKey(key, 'enter')));
      expect(shown.length).toBeGreaterThan(0);
      for (const key of shown) expect(working).toContain(key);
    }
  }
});

test('help and quit are in the footer of every screen at every width', () => {
  for (const { id } of screens) {
    for (let columns = 40; columns <= 200; columns += 1) {
      const footer = plainText(
        footerLine(modelOf(busyScene(), columns, 30, { trail: [{ screen: id, entry: 'a' }] }), columns),
      );
      expect(footer).toContain('? help');
      expect(footer).toContain('q quit');
    }
  }
});

test('no key means two things at once, but for a screen that overrules a general one', () => {
  for (const { keys } of keymap) {
    const names = keys.flatMap((binding) => binding.keys);
    expect(new Set(names).size).toBe(names.length);
  }
  for (const screen of screens) {
    const names = screen.keys.flatMap(({ keys }) => keys);
    expect(new Set(names).size).toBe(names.length);
  }
});

test('digits lead to the screens in their order', () => {
  expect(screens.flatMap(({ digit, id }) => (digit === undefined ? [] : [`${digit} ${id}`]))).toEqual([
    '1 entries',
    '2 queues',
    '3 runs',
    '4 dead',
    '5 log',
  ]);
});

describe('names of keys', () => {
  const none = {
    upArrow: false,
    downArrow: false,
    leftArrow: false,
    rightArrow: false,
    pageDown: false,
    pageUp: false,
    home: false,
    end: false,
    return: false,
    escape: false,
    ctrl: false,
    tab: false,
    backspace: false,
    delete: false,
    meta: false,
  };

  test.each([
    ['r', none, ['r']],
    ['R', none, ['R']],
    ['', { ...none, upArrow: true }, ['up']],
    ['', { ...none, escape: true }, ['esc']],
    ['c', { ...none, ctrl: true }, ['ctrl+c']],
    ['x', { ...none, meta: true }, ['alt+x']],
    ['', { ...none, delete: true }, ['backspace']],
    ['', none, []],
    ['jjj', none, ['j', 'j', 'j']],
    ['j\r', none, ['j', 'enter']],
    ['\u0001', none, []],
  ])('%j', (input, key, names) => {
    expect(keyNames(input, key)).toEqual(names);
  });
});

function choiceAt(at: number): Ui['lists'][string] {
  return { row: String(at), at, top: 0, filter: '', order: 0, reversed: false };
}

function helpFrom(at: number): string {
  const ui: Partial<Ui> = { trail: [{ screen: 'help' }], lists: { help: choiceAt(at) } };
  return frameOf(modelOf(busyScene(), 60, 12, ui))
    .map(plainText)
    .join('\n');
}
