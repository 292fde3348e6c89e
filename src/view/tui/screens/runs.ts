import { count, duration } from '../../format.ts';
import type { RunRecord } from '../../../model/operator.ts';
import { limitedBy, limitName } from '../../../model/run-totals.ts';
import { matches } from '../entry-choice.ts';
import type { Model } from '../model.ts';
import { entryColumn } from '../text/entry-column.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { blank, type Line, say } from '../text/line.ts';
import type { Column } from '../text/table.ts';
import { clockTimeAndDay, perSecond, seconds } from '../text/words.ts';
import { chosenAt, listOf, open } from '../ui.ts';
import type { ScreenPart } from './contract.ts';
import { listLines } from './list.ts';

const runDropOrder = [
  'ignored',
  'retried',
  'slowest',
  'limit',
  'requests',
  'rate',
  'dead',
  'read',
  'mode',
  'took',
  'published',
  'started',
] as const;

/** The history: the newest runs of all entries. */
export const runs: ScreenPart = {
  id: 'runs',
  title: 'runs',
  digit: '3',
  keys: [
    {
      keys: ['enter'],
      help: 'open the entry of the run',
      short: 'open',
      drop: 4,
      act(controls) {
        const run = chosenRun(controls.model());
        if (!run) return controls.answer('no run is chosen', 'warn');
        if (!controls.model().data.entries.some(({ report }) => report.key === run.entry))
          return controls.answer(`${run.label} is not in the file any more`, 'warn');
        controls.change((ui) => open(ui, { screen: 'entry', entry: run.entry }));
      },
    },
  ],
  canFilter: true,
  rows: (model) => shownRuns(model).map(({ id }) => id),
  view: (_model, height) => Math.max(1, height - 1),
  copy(model) {
    const run = chosenRun(model);
    return (
      run &&
      `${run.label} ${run.mode} ${new Date(run.started).toISOString()} ${outcome(run).text} ${run.totals.published} published ${run.error ?? ''}`.trim()
    );
  },
  body(model, width, height) {
    const { data, now, glyphs } = model;
    if (data.history.length === 0) return [blank, say('   nothing has run yet', 'dim')];
    const rows = shownRuns(model);
    if (rows.length === 0) return [blank, say('   no run has that in it; esc shows all again', 'dim')];
    return listLines(
      {
        screen: 'runs',
        rows,
        idOf: ({ id }) => id,
        columns: (inView) => columns(inView, now, glyphs),
        dropOrder: runDropOrder,
      },
      model,
      width,
      height,
    );
  },
};

function shownRuns({ data, ui }: Model): readonly RunRecord[] {
  const { filter } = listOf(ui, 'runs');
  if (filter === '') return data.history;
  return data.history.filter((run) =>
    matches(`${run.label} ${run.mode} ${outcome(run).text} ${run.error ?? ''}`, filter),
  );
}

function chosenRun(model: Model): RunRecord | undefined {
  const rows = shownRuns(model);
  return rows[
    chosenAt(
      listOf(model.ui, 'runs'),
      rows.map(({ id }) => id),
    )
  ];
}

function columns(inView: readonly RunRecord[], now: number, glyphs: Glyphs): readonly Column<RunRecord>[] {
  return [
    {
      name: 'started',
      title: 'STARTED',
      width: 10,
      gap: 0,
      cell: ({ started }) => say(clockTimeAndDay(started, now)),
    },
    entryColumn(inView),
    { name: 'mode', title: 'MODE', width: 4, gap: 2, cell: ({ mode }) => say(mode.toLowerCase()) },
    number('read', 'READ', 10, ({ totals }) => count(totals.read)),
    number('published', 'PUBLISHED', 10, ({ totals }) => count(totals.published)),
    number('ignored', 'IGNORED', 8, ({ totals }) => count(totals.ignored)),
    number('took', 'TOOK', 10, ({ totals }) => duration(totals.seconds)),
    number('rate', 'RATE', 8, ({ totals }) =>
      totals.seconds > 0 ? perSecond(totals.published / totals.seconds) : '',
    ),
    number('requests', 'REQUESTS', 9, ({ totals }) => count(totals.requests)),
    number('retried', 'RETRIED', 8, ({ totals }) => count(totals.retried)),
    number('slowest', 'SLOWEST', 8, ({ totals }) => (totals.slowestMs > 0 ? seconds(totals.slowestMs) : '')),
    number('dead', 'DEAD', 6, ({ totals }) => count(totals.deadLetters)),
    {
      name: 'limit',
      title: 'LIMITED BY',
      width: 12,
      gap: 2,
      cell: ({ totals }) => {
        const limit = limitedBy(totals);
        return limit === undefined ? [] : say(limitName(limit));
      },
    },
    { name: 'result', title: 'RESULT', width: 18, gap: 2, cell: (run) => [resultSpan(run, glyphs)] },
  ];
}

function resultSpan(run: RunRecord, glyphs: Glyphs): Line[number] {
  const { text, glyph, tone } = outcome(run);
  const reason = run.error === undefined ? '' : `: ${run.error}`;
  return { text: `${glyphs[glyph]} ${text}${reason}`, tone };
}

function outcome({ result }: RunRecord): {
  readonly text: string;
  readonly glyph: 'ok' | 'running' | 'late' | 'failed';
  readonly tone: Line[number]['tone'];
} {
  switch (result) {
    case 'done':
      return { text: 'done', glyph: 'ok', tone: 'ok' };
    case 'writing':
      return { text: 'writing back', glyph: 'running', tone: 'running' };
    case 'running':
      return { text: 'running', glyph: 'running', tone: 'running' };
    case 'unfinished':
      return { text: 'unfinished', glyph: 'late', tone: 'warn' };
    case 'stopped':
      return { text: 'stopped', glyph: 'failed', tone: 'bad' };
    case 'cancelled':
      return { text: 'cancelled', glyph: 'late', tone: 'warn' };
    case 'failed':
      return { text: 'failed', glyph: 'failed', tone: 'bad' };
    default:
      return result satisfies never;
  }
}

function number(
  name: string,
  title: string,
  width: number,
  of: (run: RunRecord) => string,
): Column<RunRecord> {
  return { name, title, width, gap: 1, align: 'right', cell: (run) => say(of(run)) };
}
