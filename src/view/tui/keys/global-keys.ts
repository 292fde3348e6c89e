import type { Model } from '../model.ts';
import type { Binding, Controls, ScreenPart } from '../screens/contract.ts';
import { back, choose, goTo, listOf, open, placeOf, withList } from '../ui.ts';

/** How many rows of the list are in view now, and which can be chosen. */
export interface ListView {
  readonly rows: readonly string[];
  readonly height: number;
  /** Where in `rows` the choice is; -1 when there is none. */
  readonly at: number;
}

/** What the keys that work everywhere need besides the controls: they must not know the screens themselves. */
export interface GlobalParts {
  readonly screens: readonly ScreenPart[];
  readonly listView: (controls: Controls) => ListView;
}

/** The keys that work on every screen. */
export function globalKeys({ screens, listView }: GlobalParts): readonly Binding[] {
  const move = (controls: Controls, by: (view: ListView) => number): void => {
    const view = listView(controls);
    const { id, title } = controls.screen();
    if (view.rows.length === 0) return controls.answer(`there is nothing to choose in ${title}`, 'plain');
    const at = Math.max(0, Math.min(view.at + by(view), view.rows.length - 1));
    controls.change((ui) => choose(ui, id, view.rows, at, view.height));
  };
  const screenOf = ({ ui }: Model): ScreenPart | undefined =>
    screens.find(({ id }) => id === placeOf(ui).screen);

  return [
    { keys: ['?'], help: 'this help; again or esc: back', short: 'help', drop: 0, act: toggleHelp },
    { keys: ['up', 'k'], help: 'up', act: (controls) => move(controls, () => -1) },
    { keys: ['down', 'j'], help: 'down', act: (controls) => move(controls, () => 1) },
    {
      keys: ['pageup', 'ctrl+u'],
      help: 'a page up',
      act: (controls) => move(controls, ({ height }) => -page(height)),
    },
    {
      keys: ['pagedown', 'ctrl+d'],
      help: 'a page down',
      act: (controls) => move(controls, ({ height }) => page(height)),
    },
    {
      keys: ['g', 'home'],
      help: 'to the first',
      act: (controls) => move(controls, ({ rows }) => -rows.length),
    },
    { keys: ['G', 'end'], help: 'to the last; in the log: follow what comes', act: toEnd },
    {
      keys: ['esc'],
      isMove: true,
      help: 'one step back; never quits',
      short: ({ ui }) => (ui.trail.length > 1 || ui.full ? 'back' : ''),
      drop: 1,
      act: (controls) => {
        const before = back(controls.model().ui);
        if (!before) return controls.answer('this is the first screen; q quits', 'plain');
        controls.change(() => before);
      },
    },
    {
      keys: ['/'],
      help: 'filter the list (!word: what does not have it)',
      short: (model) => (screenOf(model)?.canFilter === true ? 'filter' : ''),
      drop: 7,
      act(controls) {
        const { id, title, canFilter } = controls.screen();
        if (canFilter !== true) return controls.answer(`there is nothing to filter in ${title}`, 'plain');
        controls.change((ui) => ({ ...ui, mode: { type: 'filter', before: listOf(ui, id).filter } }));
      },
    },
    { keys: ['s'], help: 'sort by the next column', act: (controls) => sort(controls, false) },
    { keys: ['S'], help: 'sort the other way around', act: (controls) => sort(controls, true) },
    {
      keys: [':'],
      isMove: true,
      help: 'every command by its name',
      short: 'commands',
      drop: 10,
      act: (controls) => controls.change((ui) => ({ ...ui, mode: { type: 'palette', text: '', at: 0 } })),
    },
    {
      keys: ['e'],
      help: 'edit the state file in $EDITOR',
      short: 'edit',
      drop: 5,
      act: (controls) => controls.edit(),
    },
    {
      keys: ['u'],
      help: 'undo the last write into the state file (shows first what that changes)',
      act: (controls) => controls.undo(),
    },
    {
      keys: ['y'],
      help: 'copy the chosen line to the clipboard',
      act(controls) {
        const text = controls.screen().copy(controls.model());
        if (text === undefined) return controls.answer('there is no line to copy here', 'plain');
        controls.copy(text);
      },
    },
    {
      keys: ['ctrl+l'],
      help: 'draw the screen anew, after something else wrote on it',
      act(controls) {
        controls.redraw();
        controls.answer('drawn anew', 'plain');
      },
    },
    ...screens.flatMap(({ digit, id, title, tab = title }) =>
      digit === undefined
        ? []
        : [
            {
              keys: [digit],
              help: title,
              short: tab,
              drop: 8,
              act: (controls: Controls) => controls.change((ui) => goTo(ui, id)),
            },
          ],
    ),
    {
      keys: ['q'],
      help: 'quit: finish the pages asked for, save, end; again: stop now',
      short: 'quit',
      drop: 0,
      act: (controls) => controls.quit('q'),
    },
    { keys: ['ctrl+c'], isMove: true, help: 'the same as q', act: (controls) => controls.quit('ctrl-c') },
  ];

  function toEnd(controls: Controls): void {
    // Following is having chosen nothing.
    if (controls.screen().id === 'log')
      return controls.change((ui) => withList(ui, 'log', { row: undefined, at: 0, top: 0 }));
    move(controls, ({ rows }) => rows.length);
  }
}

function toggleHelp(controls: Controls): void {
  controls.change((ui) => (placeOf(ui).screen === 'help' ? (back(ui) ?? ui) : open(ui, { screen: 'help' })));
}

function sort(controls: Controls, isReversing: boolean): void {
  const { id, title, orders } = controls.screen();
  if (!orders) return controls.answer(`${title} has one order only`, 'plain');
  const { order, reversed } = listOf(controls.model().ui, id);
  const next = isReversing ? order : (order + 1) % orders.length;
  const isReversed = isReversing ? !reversed : false;
  controls.change((ui) => withList(ui, id, { order: next, reversed: isReversed }));
  controls.answer(`sorted by ${orders[next] ?? ''}${isReversed ? ', the other way around' : ''}`, 'plain');
}

/** One row of the page before stays in view. */
function page(height: number): number {
  return Math.max(1, height - 1);
}
