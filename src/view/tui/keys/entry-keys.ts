import { chosenEntry, isUnfolded } from '../entry-choice.ts';
import type { EntryRow, Model } from '../model.ts';
import { isOn, nameOf } from '../row-state.ts';
import type { Binding, Controls } from '../screens/contract.ts';
import { open, placeOf } from '../ui.ts';

/** Opens the chosen entry, or folds the chosen group. */
export const openKey: Binding = {
  keys: ['enter'],
  help: 'open the entry: readers, pages, why it is not faster; a group: show all its services, or few',
  short: (model) => {
    const row = chosenEntry(model);
    if (!row?.members) return 'open';
    return isUnfolded(row, model) ? 'fold' : 'show all';
  },
  drop: 4,
  act: (controls) =>
    withEntry(controls, (row) => {
      const { key } = row.report;
      if (!row.members) return controls.change((ui) => open(ui, { screen: 'entry', entry: key }));
      const isOpen = isUnfolded(row, controls.model());
      controls.change((ui) => ({ ...ui, folds: { ...ui.folds, [key]: !isOpen } }));
    }),
};

/** What a person can do with an entry, wherever one is chosen or open. */
export const entryKeys: readonly Binding[] = [
  {
    keys: ['r'],
    help: 'run now, whatever the clock says',
    short: 'run now',
    drop: 2,
    act: (controls) =>
      withEntry(controls, (row) => {
        if (row.report.state === 'invalid') return controls.answer(cannotRun(row), 'warn');
        controls.send({ type: 'run', id: controls.idOf(row) });
      }),
  },
  {
    keys: ['R'],
    help: 'reset: read everything again (tells first what that costs)',
    short: 'reset',
    drop: 6,
    act: (controls) =>
      withEntry(controls, (row) => {
        if (row.report.state === 'invalid') return controls.answer(cannotRun(row), 'warn');
        const command = { type: 'reset', id: controls.idOf(row) } as const;
        controls.ask(`Reset ${nameOf(row)}?`, command, controls.preview(command, row.report.label));
      }),
  },
  {
    keys: ['p'],
    help: 'pause, and again: resume',
    short: (model) => (isPaused(model) ? 'resume' : 'pause'),
    drop: 3,
    act: (controls) =>
      withEntry(controls, (row) =>
        controls.send({ type: row.report.paused ? 'resume' : 'pause', ids: [controls.idOf(row)] }),
      ),
  },
  {
    keys: ['x'],
    help: 'cancel the run and pause the entry (tells first what is read again)',
    short: 'cancel',
    drop: 9,
    act: (controls) =>
      withEntry(controls, (row) => {
        if (!isOn(row))
          return controls.answer(`${nameOf(row)} does not run: there is nothing to cancel`, 'warn');
        const command = { type: 'cancel', id: controls.idOf(row) } as const;
        const what = row.members ? 'all runs' : 'the run';
        const cost = controls.preview(command, row.report.label);
        controls.ask(`Cancel ${what} of ${nameOf(row)}?`, command, cost);
      }),
  },
];

/** More or fewer readers, while it runs. */
export const workerKeys: readonly Binding[] = [
  workers(['+', '='], 1, 'more workers', 'one worker more'),
  workers(['-'], -1, 'fewer', 'one worker less'),
];

function workers(keys: readonly string[], by: number, short: string, help: string): Binding {
  return {
    keys,
    help: `${help}, from the next page on`,
    short: ({ ui }) => (placeOf(ui).screen === 'entry' ? short : ''),
    drop: 5,
    act: (controls) =>
      withEntry(controls, (row) => {
        if (row.report.state === 'invalid') return controls.answer(cannotRun(row), 'warn');
        const { workerCount: before, owner } = row.report;
        // Services of one group have it together.
        const key = owner?.key ?? row.report.key;
        // The report follows a moment later: a key pressed twice means two more.
        const wanted = controls.model().ui.wanted[key];
        const count = (wanted?.before === before ? wanted.count : before) + by;
        if (count < 1)
          return controls.answer(`${nameOf(row)} needs one worker at least; p pauses it`, 'warn');
        controls.change((ui) => ({ ...ui, wanted: { ...ui.wanted, [key]: { before, count } } }));
        controls.send({ type: 'set', id: controls.idOf(row), fields: { worker_count: count } });
      }),
  };
}

function withEntry(controls: Controls, act: (row: EntryRow) => void): void {
  const row = chosenEntry(controls.model());
  if (row) act(row);
  else controls.answer('no entry is chosen', 'warn');
}

function isPaused(model: Model): boolean {
  return chosenEntry(model)?.report.paused === true;
}

function cannotRun(row: EntryRow): string {
  return `${nameOf(row)} cannot run as it is written: ${row.report.cause ?? 'see the log'}; e opens the file`;
}
