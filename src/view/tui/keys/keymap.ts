import { matches } from '../entry-choice.ts';
import type { Mode, Model } from '../model.ts';
import type { Binding, Controls, HelpGroup, ScreenPart } from '../screens/contract.ts';
import { screenOf, screens } from '../screens/registry.ts';
import { chosenAt, listOf, placeOf } from '../ui.ts';
import { globalKeys, type ListView } from './global-keys.ts';
import { askKeys, filterKeys, paletteKeys } from './mode-keys.ts';

/** The keys that work on every screen. */
const everywhere = globalKeys({ screens, listView });

const modeKeys: Readonly<Record<Exclude<Mode['type'], 'browse'>, readonly Binding[]>> = {
  ask: askKeys,
  filter: filterKeys,
  palette: paletteKeys,
};

const [start] = screens;
const groups = screenGroups(screens);

/** The whole table, as the help shows it: keys that several screens share stand together, those of the first screen first. */
export const keymap: readonly HelpGroup[] = [
  ...groups.filter((group) => isOf(start, group)),
  { title: 'everywhere', keys: everywhere },
  ...groups.filter((group) => !isOf(start, group)),
  { title: 'while a question is open', keys: askKeys },
  { title: 'while a filter is typed', keys: filterKeys },
  { title: 'while the commands are listed', keys: paletteKeys },
];

/** The keys that do something now, those of the screen first: they win over the general ones. */
export function keysNow({ ui }: Model): readonly Binding[] {
  if (ui.mode.type !== 'browse') return modeKeys[ui.mode.type];
  return [...screenOf(placeOf(ui).screen).keys, ...everywhere];
}

/** Where else a key does something. */
export function keyElsewhere(name: string): string | undefined {
  return screenGroups(screens).find(({ keys }) => keys.some((binding) => binding.keys.includes(name)))?.title;
}

/** The commands whose name has the palette's text in it. */
export function commandsNow(model: Model): readonly Binding[] {
  const { mode } = model.ui;
  if (mode.type !== 'palette') return [];
  const all = [...screenOf(placeOf(model.ui).screen).keys, ...everywhere].filter(
    ({ isMove }) => isMove !== true,
  );
  return all.filter(({ help }) => matches(help, mode.text));
}

/** What can be chosen in the list that is shown, and how much of it is in view in `height` lines. */
export function listIn(model: Model, height: number): ListView {
  const { screen } = placeOf(model.ui);
  const part = screenOf(screen);
  const rows = part.rows(model, keymap);
  const choice = listOf(model.ui, screen);
  // A log in which nothing is chosen stands at its end.
  const at = screen === 'log' && choice.row === undefined ? rows.length - 1 : chosenAt(choice, rows);
  return { rows, at, height: part.view(model, height) };
}

function listView(controls: Controls): ListView {
  return listIn(controls.model(), controls.bodyHeight());
}

function isOf(screen: ScreenPart, { keys }: HelpGroup): boolean {
  return keys.some((binding) => screen.keys.includes(binding));
}

function screenGroups(parts: readonly ScreenPart[]): readonly HelpGroup[] {
  const found = new Map<string, Binding[]>();
  for (const binding of new Set(parts.flatMap(({ keys }) => keys))) {
    const owners = parts.filter(({ keys }) => keys.includes(binding)).map(({ title }) => title);
    const title = owners.join(' and ');
    found.set(title, [...(found.get(title) ?? []), binding]);
  }
  return [...found].map(([title, keys]) => ({ title, keys }));
}
