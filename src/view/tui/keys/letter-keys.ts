import type { Model } from '../model.ts';
import type { Binding, Controls } from '../screens/contract.ts';
import { chosenLetter, shownLetters } from '../letter-choice.ts';
import { open, withList } from '../ui.ts';

/** Opens the chosen dead letter. */
export const openLetterKey: Binding = {
  keys: ['enter'],
  help: 'look at the record: why it died, where, and what is in it',
  short: 'payload',
  drop: 3,
  act: (controls) =>
    withLetter(controls, (id) =>
      controls.change((ui) =>
        open(withList(ui, 'letter', { row: undefined, at: 0, top: 0 }), { screen: 'letter', letter: id }),
      ),
    ),
};

/** What a person can do with a dead letter, chosen or open. */
export const letterKeys: readonly Binding[] = [
  {
    keys: ['t'],
    help: 'retry: publish the record again and follow what becomes of it',
    short: 'retry',
    drop: 2,
    act: (controls) => withLetter(controls, (id) => controls.retry([id])),
  },
  {
    keys: ['x'],
    help: 'drop the dead letter (asks first)',
    short: 'drop',
    drop: 4,
    act: (controls) =>
      withLetter(controls, (id) => {
        const cost = Promise.resolve('it is gone for good');
        controls.ask(`Drop dead letter ${id}?`, { type: 'drop', letters: [id] }, cost);
      }),
  },
];

export const retryAllKey: Binding = {
  keys: ['T'],
  help: 'retry all that are shown (asks first)',
  short: 'retry all shown',
  drop: 5,
  act(controls) {
    const ids = shownLetters(controls.model()).map(({ id }) => id);
    if (ids.length === 0) return controls.answer('no dead letter is shown', 'warn');
    controls.retry(ids);
  },
};

function withLetter(controls: Controls, act: (id: number) => void): void {
  const model: Model = controls.model();
  const id = chosenLetter(model);
  if (id === undefined) controls.answer('no dead letter is chosen', 'warn');
  else act(id);
}
