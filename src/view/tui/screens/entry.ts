import { chosenEntry, everyEntry } from '../entry-choice.ts';
import { entryKeys, workerKeys } from '../keys/entry-keys.ts';
import type { EntryRow, Model } from '../model.ts';
import { nameOf, stateOf } from '../row-state.ts';
import { whyNotFaster } from '../state/why.ts';
import { fit } from '../text/fit.ts';
import { beside, blank, joined, type Line, plainText, say } from '../text/line.ts';
import { logLine } from '../text/log-line.ts';
import { behind, cursorWords, noteOf, percent, progressBar } from '../text/progress.ts';
import { stateSpan } from '../text/states.ts';
import { clockTimeAndDay, perSecond, upcoming } from '../text/words.ts';
import { wrapLine } from '../text/wrap.ts';
import { placeOf, replace } from '../ui.ts';
import { count } from '../../format.ts';
import type { Binding, Controls, ScreenPart } from './contract.ts';
import {
  cursorLine,
  lastRunLines,
  pageMapLines,
  rateLine,
  readerLines,
  recordsLine,
  settingsLine,
  sourceLine,
} from './entry-parts.ts';

/** From this width on the page map stands beside the readers. */
const wideColumns = 96;

const neighbours: readonly Binding[] = [
  neighbour(['down', 'j'], 1, 'next entry'),
  neighbour(['up', 'k'], -1, 'entry before'),
];

/** One entry: its readers, its pages, how fast it is and why it is not faster, its last runs. */
export const entry: ScreenPart = {
  id: 'entry',
  title: 'one entry',
  keys: [...workerKeys, ...entryKeys, ...neighbours],
  rows: () => [],
  view: () => 0,
  copy: (model) => {
    const row = chosenEntry(model);
    return row
      ? `${plainText(titleLine(row, model, 200)).trim()}  ${row.report.cause ?? ''}`.trim()
      : undefined;
  },
  body(model, width, height) {
    const row = chosenEntry(model);
    if (!row) return [blank, say('   this entry is not in the file any more; esc goes back', 'dim')];
    const lines = row.run
      ? runningLines(row, row.run, model, width, height)
      : restingLines(row, model, width, height);
    const rest = height - lines.length - 2;
    return rest < 1 ? lines.slice(0, height) : [...lines, ...ownLogLines(row, model, width, rest)];
  },
};

function runningLines(
  row: EntryRow,
  run: NonNullable<EntryRow['run']>,
  model: Model,
  width: number,
  height: number,
): readonly Line[] {
  const { glyphs, data, now } = model;
  const why = whyNotFaster(run, data.facts, now) ?? 'measuring how fast it is';
  const isTight = height < 15;
  const gap = isTight ? [] : [blank];
  const narrow = width < wideColumns;
  const readerWidth = narrow ? width : Math.min(56, Math.floor(width * 0.45));
  const mapWidth = (narrow ? width : width - readerWidth) - 4;
  const facts = [
    ...labelled('why', say(why), width),
    label('cursor', cursorLine(row, run, glyphs)),
    label('records', recordsLine(run, width - labelColumns)),
    label('source', sourceLine(run, model, width - labelColumns)),
    label('rate', rateLine(run, Math.min(60, width - 24), glyphs)),
  ];
  const bar = progressBar(row, Math.max(0, width - 2), glyphs);
  const top = [titleLine(row, model, width), ...(bar.length === 0 ? [] : [joined(say(' '), bar)])];
  // The map and the gaps besides.
  const fixed = top.length + facts.length + (narrow ? 3 : 0) + (isTight ? 0 : 2);
  const readers = readerLines(row, run, model, Math.max(2, height - fixed));
  const map = pageMapLines(run, glyphs, mapWidth, Math.max(2, narrow ? 3 : readers.length - 2));
  return [
    ...top,
    ...gap,
    ...facts,
    ...gap,
    ...(narrow ? [...readers, ...map] : beside(readers, map, readerWidth, glyphs.more)),
    ...gap,
    ...lastRunLines(row, model, width, 8),
  ];
}

function restingLines(row: EntryRow, model: Model, width: number, height: number): readonly Line[] {
  const { report } = row;
  const gap = height < 15 ? [] : [blank];
  const note = noteOf(row, model.now, false);
  const next = report.nextRun === null ? '' : upcoming(Date.parse(report.nextRun), model.now);
  return [
    titleLine(row, model, width),
    ...gap,
    ...(note.length === 0 ? [] : labelled('state', note, width)),
    ...labelled('cursor', say(cursorWords(report.cursor)), width),
    ...(next === '' ? [] : [label('next run', say(report.state === 'failed' ? `again ${next}` : next))]),
    ...labelled('settings', settingsLine(row), width),
    ...gap,
    ...lastRunLines(row, model, width, 12),
  ];
}

/** The newest lines of the log that are about the entry. */
function ownLogLines({ report }: EntryRow, { data }: Model, width: number, most: number): readonly Line[] {
  const own = data.log.filter(({ text }) => text.includes(report.label)).slice(-most);
  if (own.length === 0) return [];
  return [blank, say(' log', 'dim'), ...own.map((line) => joined(say('  '), logLine(line, width)))];
}

function titleLine(row: EntryRow, { now, glyphs }: Model, width: number): Line {
  const { run } = row;
  const done = percent(row);
  const since = run ? `since ${clockTimeAndDay(run.startedAt, now)}` : '';
  const total = run?.total === undefined ? '' : ` of ${count(run.total)}`;
  const ends = run?.eta === undefined ? '' : `done about ${clockTimeAndDay(now + run.eta * 1000, now)}`;
  const state = stateSpan(stateOf(row), glyphs);
  const late = run ? undefined : behind(row, now);
  return fit(
    [
      { spans: [{ text: ` ${nameOf(row)}`, tone: 'strong' }], drop: 0 },
      { spans: [state], drop: 0 },
      { spans: since === '' ? [] : say(since, 'dim'), drop: 3 },
      { spans: done === undefined ? [] : say(done, 'strong'), drop: 0 },
      { spans: late === undefined ? [] : say(late, 'warn'), drop: 1 },
      { spans: run ? say(`${count(run.confirmed)}${total === '' ? ' done' : total}`) : [], drop: 3 },
      { spans: run?.rate === undefined ? [] : say(perSecond(run.rate)), drop: 2 },
      { spans: ends === '' ? [] : say(ends), drop: 1 },
      { spans: run?.resumed === true ? say('resumed', 'dim') : [], drop: 4 },
    ],
    width,
    3,
  );
}

function label(name: string, line: Line): Line {
  return [{ text: ` ${name.padEnd(labelColumns - 2)} `, tone: 'dim' }, ...line];
}

const labelColumns = 11;

/** The same for what may be longer than a line. */
function labelled(name: string, line: Line, width: number): readonly Line[] {
  return wrapLine(line, width - labelColumns).map((part, at) => label(at === 0 ? name : '', part));
}

function neighbour(keys: readonly string[], by: number, help: string): Binding {
  return { keys, help, isMove: true, act: (controls) => step(controls, by) };
}

function step(controls: Controls, by: number): void {
  const model = controls.model();
  const keys = everyEntry(model).map(({ report }) => report.key);
  const at = keys.indexOf(placeOf(model.ui).entry ?? '');
  const next = keys[at + by];
  if (at < 0 || next === undefined)
    return controls.answer('there is no other entry in that direction', 'plain');
  controls.change((ui) => replace(ui, { screen: 'entry', entry: next }));
}
