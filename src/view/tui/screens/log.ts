import { matches } from '../entry-choice.ts';
import type { Model } from '../model.ts';
import type { LogLine } from '../state/log-ring.ts';
import { wrapped } from '../text/cells.ts';
import { blank, joined, type Line, plainText, say } from '../text/line.ts';
import { logLine, logText } from '../text/log-line.ts';
import { listOf, topFor } from '../ui.ts';
import type { Binding, ScreenPart } from './contract.ts';

const logKeys: readonly Binding[] = [
  {
    keys: ['w'],
    help: 'wrap long lines, or cut them',
    short: 'wrap',
    drop: 6,
    act(controls) {
      controls.change((ui) => ({ ...ui, wrap: !ui.wrap }));
      controls.answer(controls.model().ui.wrap ? 'long lines are wrapped' : 'long lines are cut', 'plain');
    },
  },
  {
    keys: ['f'],
    help: 'the log on the full screen, for selecting text with the mouse',
    short: 'full screen',
    drop: 5,
    act: (controls) => controls.change((ui) => ({ ...ui, full: !ui.full })),
  },
];

/** The last 2,000 lines. It follows the newest until somebody moves up. */
export const log: ScreenPart = {
  id: 'log',
  title: 'log',
  digit: '5',
  keys: logKeys,
  canFilter: true,
  rows: (model) => shownLines(model).map(({ id }) => String(id)),
  view: (_model, height) => Math.max(1, height),
  copy(model) {
    const rows = shownLines(model);
    const line = rows[chosenLine(model, rows)];
    return line && logText(line);
  },
  body(model, width, height) {
    const rows = shownLines(model);
    const { filter, row } = listOf(model.ui, 'log');
    if (rows.length === 0) {
      return [
        blank,
        say(
          filter === ''
            ? '   nothing has happened yet'
            : `   no line has "${filter}" in it; esc shows all again`,
          'dim',
        ),
      ];
    }
    const chosen = row === undefined ? undefined : chosenLine(model, rows);
    return model.ui.wrap
      ? wrappedBody(rows, chosen, width, height)
      : cutBody(model, rows, chosen, width, height);
  },
};

function shownLines({ data, ui }: Model): readonly LogLine[] {
  const { filter } = listOf(ui, 'log');
  return filter === '' ? data.log : data.log.filter((line) => matches(logText(line), filter));
}

function chosenLine({ ui }: Model, rows: readonly LogLine[]): number {
  const { row } = listOf(ui, 'log');
  const found = row === undefined ? rows.length - 1 : rows.findIndex(({ id }) => String(id) === row);
  return found >= 0 ? found : 0;
}

function cutBody(
  { ui, glyphs }: Model,
  rows: readonly LogLine[],
  chosen: number | undefined,
  width: number,
  height: number,
): readonly Line[] {
  const top =
    chosen === undefined
      ? Math.max(0, rows.length - height)
      : topFor(listOf(ui, 'log').top, chosen, rows.length, height);
  return rows.slice(top, top + height).map((line, at) => {
    const isChosen = top + at === chosen;
    const [, ...rest] = logLine(line, width);
    return joined(say(isChosen ? glyphs.pointer : ' ', 'running'), rest);
  });
}

/** The chosen line is the last one in view, as its own height is not known before it is wrapped. */
function wrappedBody(
  rows: readonly LogLine[],
  chosen: number | undefined,
  width: number,
  height: number,
): readonly Line[] {
  const lines: Line[] = [];
  for (let at = chosen ?? rows.length - 1; at >= 0 && lines.length < height; at -= 1) {
    const row = rows[at];
    if (!row) break;
    const line = logLine(row, width);
    const tone = line.at(-1)?.tone ?? 'plain';
    const [first = '', ...rest] = wrapped(plainText(line), width - 1);
    lines.unshift(say(first, tone), ...rest.map((text) => say(text, tone)));
  }
  return lines.slice(-height);
}
