import type { ListChoice, Place, Toast, Ui } from './model.ts';

const firstChoice: ListChoice = { row: undefined, at: 0, top: 0, filter: '', order: 0, reversed: false };

/** How long an answer stays, in milliseconds: long enough to be read. */
const toastMs = 6000;
const readingMs = 60;

export function startUi(screen: string): Ui {
  return {
    trail: [{ screen }],
    lists: {},
    mode: { type: 'browse' },
    toast: undefined,
    folds: {},
    wanted: {},
    wrap: false,
    full: false,
  };
}

export function placeOf({ trail }: Ui): Place {
  return trail.at(-1) ?? trail[0];
}

export function listOf(ui: Ui, screen: string): ListChoice {
  return ui.lists[screen] ?? firstChoice;
}

export function withList(ui: Ui, screen: string, change: Partial<ListChoice>): Ui {
  return { ...ui, lists: { ...ui.lists, [screen]: { ...listOf(ui, screen), ...change } } };
}

/** To a screen of its own; there is no way back from it but another key. */
export function goTo(ui: Ui, screen: string): Ui {
  return { ...ui, trail: [{ screen }], mode: { type: 'browse' } };
}

/** One step deeper, from where `back` returns. */
export function open(ui: Ui, place: Place): Ui {
  return { ...ui, trail: [...ui.trail, place], mode: { type: 'browse' } };
}

/** To another place instead of the current one. */
export function replace(ui: Ui, place: Place): Ui {
  const [first, ...rest] = ui.trail;
  return { ...ui, trail: rest.length === 0 ? [place] : [first, ...rest.slice(0, -1), place] };
}

/** One step back; undefined when there is none to take. */
export function back(ui: Ui): Ui | undefined {
  const [first, ...rest] = ui.trail;
  if (ui.mode.type === 'filter') {
    const { screen } = placeOf(ui);
    return { ...withList(ui, screen, { filter: ui.mode.before }), mode: { type: 'browse' } };
  }
  if (ui.mode.type !== 'browse') return { ...ui, mode: { type: 'browse' } };
  if (ui.full) return { ...ui, full: false };
  if (rest.length > 0) return { ...ui, trail: [first, ...rest.slice(0, -1)] };
  const { screen } = first;
  return listOf(ui, screen).filter === '' ? undefined : withList(ui, screen, { filter: '' });
}

/** Which row is chosen among `rows` now; -1 when there is none. */
export function chosenAt({ row, at }: ListChoice, rows: readonly string[]): number {
  const found = row === undefined ? -1 : rows.indexOf(row);
  return found >= 0 ? found : Math.min(at, rows.length - 1);
}

/** The list with another row chosen, scrolled no more than it takes to see it in `height` rows. */
export function choose(ui: Ui, screen: string, rows: readonly string[], at: number, height: number): Ui {
  const next = Math.max(0, Math.min(at, rows.length - 1));
  const top = topFor(listOf(ui, screen).top, next, rows.length, height);
  return withList(ui, screen, { row: rows[next], at: next, top });
}

/** The first row in view so that row `at` is in view. */
export function topFor(top: number, at: number, length: number, height: number): number {
  const lowest = Math.max(0, Math.min(top, length - height));
  if (at < lowest) return Math.max(0, at);
  return at >= lowest + height ? at - height + 1 : lowest;
}

export function withToast(ui: Ui, text: string, tone: Toast['tone'], now: number): Ui {
  return { ...ui, toast: { text, tone, until: now + Math.max(toastMs, text.length * readingMs) } };
}
