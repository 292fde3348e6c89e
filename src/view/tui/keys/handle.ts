import type { Mode, Model, Ui } from '../model.ts';
import type { Controls } from '../screens/contract.ts';
import { placeOf, withList } from '../ui.ts';
import { keyElsewhere, keysNow } from './keymap.ts';
import { shortKey } from './key-name.ts';

/** Does what a key stands for now; a key that stands for nothing is told why. */
export function handleKey(name: string, controls: Controls): void {
  const model = controls.model();
  const { mode } = model.ui;
  // However it looks on the screen: this one always leads out.
  if (name === 'ctrl+c') return controls.quit('ctrl-c');
  const binding = keysNow(model).find(({ keys }) => keys.includes(name));
  if (binding) return binding.act(controls);
  switch (mode.type) {
    case 'filter':
    case 'palette':
      return type(name, controls);
    case 'ask':
      return controls.answer('answer first: y does it, n leaves it', 'warn');
    default:
      return controls.answer(whyNothing(name, model), 'plain');
  }
}

/** Pasted text is typed where one types, and nothing else: no key in it does anything. */
export function handlePaste(text: string, controls: Controls): void {
  const { mode } = controls.model().ui;
  if (mode.type !== 'filter' && mode.type !== 'palette')
    return controls.answer('pasted text does nothing here; / takes it as a filter', 'plain');
  for (const sign of text.slice(0, longestText)) type(sign, controls);
}

const longestText = 100;

function type(name: string, controls: Controls): void {
  const change = (next: (text: string) => string): void =>
    controls.change((ui) => withText(ui, next(textOf(ui)).slice(0, longestText)));
  if (name === 'backspace') return change((text) => Array.from(text).slice(0, -1).join(''));
  if (name === 'ctrl+u') return change(() => '');
  if (Array.from(name).length === 1 && !/[\p{Cc}\p{Cf}]/u.test(name)) change((text) => text + name);
}

function textOf(ui: Ui): string {
  if (ui.mode.type === 'palette') return ui.mode.text;
  return ui.lists[placeOf(ui).screen]?.filter ?? '';
}

function withText(ui: Ui, text: string): Ui {
  if (ui.mode.type !== 'palette')
    return withList(ui, placeOf(ui).screen, { filter: text, row: undefined, at: 0, top: 0 });
  const mode: Mode = { ...ui.mode, text, at: 0 };
  return { ...ui, mode };
}

function whyNothing(name: string, { glyphs }: Model): string {
  const key = shortKey(name, glyphs.enter);
  const elsewhere = keyElsewhere(name);
  return elsewhere === undefined
    ? `${key} does nothing; ? lists the keys`
    : `${key} does nothing here, but in: ${elsewhere}`;
}
