import type { LetterRecord } from '../../../model/letters.ts';
import { count, counted } from '../../format.ts';
import { letterKeys, openLetterKey, retryAllKey } from '../keys/letter-keys.ts';
import { chosenLetter, shownLetters } from '../letter-choice.ts';
import type { Model } from '../model.ts';
import { letterCount } from '../state/letters.ts';
import { entryColumn } from '../text/entry-column.ts';
import { blank, type Line, say } from '../text/line.ts';
import { shortReason } from '../text/names.ts';
import type { Column } from '../text/table.ts';
import { clockTimeAndDay } from '../text/words.ts';
import type { ScreenPart } from './contract.ts';
import { listLines } from './list.ts';

const deadDropOrder = ['first', 'attempts', 'when', 'entry'] as const;

/** The records that no attempt could deliver, until a person retries or drops them. */
export const dead: ScreenPart = {
  id: 'dead',
  title: 'dead letters',
  tab: 'dead',
  digit: '4',
  keys: [openLetterKey, ...letterKeys, retryAllKey],
  canFilter: true,
  rows: (model) => shownLetters(model).map(idOf),
  view: (_model, height) => Math.max(1, height - 3),
  copy(model) {
    const row = shownLetters(model).find(({ id }) => id === chosenLetter(model));
    return row && `${row.id} ${row.label} ${row.key ?? '(no key)'}: ${row.reason}`;
  },
  body(model, width, height) {
    const { letters, ready } = model.data;
    if (!ready) return [blank, say('   starting: the dead letters are not read yet', 'dim')];
    if (letterCount(letters) === 0) return [blank, say('   no dead letters', 'ok')];
    const rows = shownLetters(model);
    if (rows.length === 0)
      return [headLine(model), blank, say('   no dead letter has that in it; esc shows all again', 'dim')];
    return [
      headLine(model),
      blank,
      ...listLines(
        {
          screen: 'dead',
          rows,
          idOf,
          columns: (inView) => columns(inView, model.now),
          dropOrder: deadDropOrder,
        },
        model,
        width,
        height - 2,
      ),
    ];
  },
};

function headLine({ data: { letters } }: Model): Line {
  const services = new Set(letters.newest.map(({ service }) => service)).size;
  const listed = letters.newest.length;
  const all = letterCount(letters);
  const kept =
    listed < all
      ? `the newest ${count(listed)} are listed, ./run.sh failed list has all`
      : 'each is kept until it is retried or dropped';
  return say(` ${counted(all, 'dead letter')} of ${counted(services, 'service')}; ${kept}`, 'warn');
}

function idOf({ id }: LetterRecord): string {
  return String(id);
}

function columns(inView: readonly LetterRecord[], now: number): readonly Column<LetterRecord>[] {
  return [
    {
      name: 'when',
      title: 'LAST',
      width: 10,
      gap: 0,
      cell: ({ last }) => say(clockTimeAndDay(last, now), 'dim'),
    },
    entryColumn(inView),
    { name: 'key', title: 'KEY', width: 12, most: 22, gap: 2, cell: ({ key }) => say(key ?? '(no key)') },
    {
      name: 'attempts',
      title: 'TRIES',
      width: 5,
      gap: 2,
      align: 'right',
      cell: ({ attempts }) => say(count(attempts), 'dim'),
    },
    {
      name: 'first',
      title: 'FIRST',
      width: 10,
      gap: 2,
      cell: ({ first }) => say(clockTimeAndDay(first, now), 'dim'),
    },
    {
      name: 'reason',
      title: 'REASON',
      width: 24,
      gap: 2,
      cell: ({ reason, key, isRetrying, isOvertaken }) => {
        const why = shortReason(reason, key);
        if (isRetrying) return say(`on its way again: ${why}`, 'running');
        return isOvertaken ? say(`a newer one was published: ${why}`, 'dim') : say(why, 'warn');
      },
    },
  ];
}
