import { counted } from '../../format.ts';
import { letterKeys } from '../keys/letter-keys.ts';
import type { Model } from '../model.ts';
import type { LetterView } from '../state/letters.ts';
import { wrapped } from '../text/cells.ts';
import { blank, joined, type Line, say } from '../text/line.ts';
import { clockTimeAndDay } from '../text/words.ts';
import { wrapLine } from '../text/wrap.ts';
import { listOf } from '../ui.ts';
import type { ScreenPart } from './contract.ts';

/** One dead letter: why it died, where, and the record itself. */
export const letter: ScreenPart = {
  id: 'letter',
  title: 'one dead letter',
  keys: letterKeys,
  // A row is a place to which it can be scrolled.
  rows(model) {
    const lines = letterLines(model, model.size.columns);
    const places = Math.max(1, lines.length - bodyRows(model.size.rows) + 1);
    return Array.from({ length: places }, (_, at) => String(at));
  },
  view: () => 1,
  copy: ({ data }) => data.letter?.payload.join('\n'),
  body(model, width, height) {
    const lines = letterLines(model, width);
    const top = Math.max(0, Math.min(listOf(model.ui, 'letter').at, lines.length - height));
    return lines.slice(top, top + height);
  },
};

/** Header, message and footer take the rest; one place too many to scroll to does no harm. */
function bodyRows(rows: number): number {
  return Math.max(1, rows - 4);
}

function letterLines({ data, now }: Model, width: number): readonly Line[] {
  const view = data.letter;
  if (!view)
    return [blank, say('   this dead letter is gone: it was delivered or dropped; esc goes back', 'ok')];
  const { stack, payload, left } = view;
  return [
    say(` dead letter ${view.letter.id}   ${view.letter.label}`, 'strong'),
    ...factLines(view, now, width),
    ...(stack.length === 0 ? [] : [blank, say(' stack', 'dim'), ...indented(stack, width)]),
    blank,
    say(' payload', 'dim'),
    ...indented(payload, width),
    ...(left === 0
      ? []
      : [say(`   and ${counted(left, 'more line')}: ./run.sh failed show ${view.letter.id}`, 'dim')]),
  ];
}

function factLines({ letter: it }: LetterView, now: number, width: number): readonly Line[] {
  const retries = it.retries === 0 ? '' : `, retried ${counted(it.retries, 'time')}`;
  const facts: readonly (readonly [string, string])[] = [
    ['service', it.service],
    ['key', it.key ?? '(no key)'],
    ['reason', it.reason],
    [
      'tries',
      `${it.attempts}${retries}, first ${clockTimeAndDay(it.first, now)}, last ${clockTimeAndDay(it.last, now)}`,
    ],
    ['bound for', it.queue === null ? '(not noted)' : `queue ${it.queue}, job ${it.job ?? ''}`],
    ['chunk', it.chunk ?? '(none)'],
    ...(it.isRetrying ? ([['state', 'on its way again']] as const) : []),
    ...(it.isOvertaken ? ([['newer', 'a newer version of it was published since']] as const) : []),
    ...(it.refusal === null ? [] : ([['no retry', it.refusal]] as const)),
  ];
  return facts.flatMap(([name, value]) => {
    const tone = name === 'reason' ? 'warn' : 'plain';
    return wrapLine(say(value, tone), Math.max(10, width - 13)).map((text, at) =>
      joined(say(`   ${(at === 0 ? name : '').padEnd(9)} `, 'dim'), text),
    );
  });
}

function indented(lines: readonly string[], width: number): readonly Line[] {
  return lines.flatMap((line) => wrapped(line, Math.max(10, width - 4)).map((text) => say(`   ${text}`)));
}
