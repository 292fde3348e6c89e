import type { Mode } from '../model.ts';
import type { Binding, Controls } from '../screens/contract.ts';
import { back } from '../ui.ts';

/** While a question is open. */
export const askKeys: readonly Binding[] = [
  {
    keys: ['y', 'enter'],
    help: 'yes, do it',
    short: 'yes',
    act(controls) {
      const { mode } = controls.model().ui;
      if (mode.type !== 'ask') return;
      controls.change((ui) => ({ ...ui, mode: { type: 'browse' } }));
      controls.send(mode.command);
    },
  },
  {
    keys: ['n', 'esc'],
    help: 'no, leave it as it is',
    short: 'no',
    act(controls) {
      leave(controls);
      controls.answer('nothing was changed', 'plain');
    },
  },
];

/** While a filter is typed. */
export const filterKeys: readonly Binding[] = [
  {
    keys: ['enter'],
    help: 'keep the filter',
    short: 'keep it',
    act: (controls) => controls.change((ui) => ({ ...ui, mode: { type: 'browse' } })),
  },
  { keys: ['esc'], help: 'the filter as it was before', short: 'back', act: leave },
];

/** While the list of commands is open. */
export const paletteKeys: readonly Binding[] = [
  { keys: ['up'], help: 'the command before', act: (controls) => step(controls, -1) },
  { keys: ['down', 'tab'], help: 'the next command', act: (controls) => step(controls, 1) },
  {
    keys: ['enter'],
    help: 'do it',
    short: 'do it',
    act(controls) {
      const { mode } = controls.model().ui;
      const commands = controls.commands();
      const chosen = mode.type === 'palette' ? commands[Math.min(mode.at, commands.length - 1)] : undefined;
      leave(controls);
      if (chosen) chosen.act(controls);
      else controls.answer('no command has that in its name', 'warn');
    },
  },
  { keys: ['esc'], help: 'close the list', short: 'close', act: leave },
];

function leave(controls: Controls): void {
  controls.change((ui) => back(ui) ?? ui);
}

function step(controls: Controls, by: number): void {
  controls.change((ui) => {
    const { mode } = ui;
    if (mode.type !== 'palette') return ui;
    const next: Mode = { ...mode, at: Math.max(0, mode.at + by) };
    return { ...ui, mode: next };
  });
}
