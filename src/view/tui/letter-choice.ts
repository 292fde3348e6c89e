import type { LetterRecord } from '../../model/letters.ts';
import { matches } from './entry-choice.ts';
import type { Model } from './model.ts';
import { chosenAt, listOf, placeOf } from './ui.ts';

/** The dead letters that the filter lets through, newest first. */
export function shownLetters({ data, ui }: Model): readonly LetterRecord[] {
  const { filter } = listOf(ui, 'dead');
  const { newest } = data.letters;
  if (filter === '') return newest;
  return newest.filter(({ label, service, key, reason }) =>
    matches(`${label} ${service} ${key ?? ''} ${reason}`, filter),
  );
}

/** The dead letter that keys are about: the one that is open, or the one chosen in the list. */
export function chosenLetter(model: Model): number | undefined {
  const { screen, letter } = placeOf(model.ui);
  if (screen === 'letter') return letter;
  const rows = shownLetters(model);
  return rows[
    chosenAt(
      listOf(model.ui, 'dead'),
      rows.map(({ id }) => String(id)),
    )
  ]?.id;
}
