import { cells } from '../text/cells.ts';
import { nameOf, stateOf } from '../entry-choice.ts';
import type { EntryRow, Model } from '../model.ts';
import type { Line } from '../text/line.ts';
import { noteOf, percent, progressBar, progressCounts } from '../text/progress.ts';
import { stateSpan } from '../text/states.ts';
import type { Column } from '../text/table.ts';
import { ago, perSecond, shortCount, timeLeft, upcoming } from '../text/words.ts';

/** What goes first where the screen is too narrow. Name, state and % never go. */
export const entryDropOrder = ['cursor', 'records', 'last', 'counts', 'bar', 'next', 'eta', 'rate'] as const;

const shortestName = 10;
/** Below this the id alone is the name, and it gets less room. */
const roomyColumns = 100;

/** The columns of the list of entries. @param rows those in view: the names decide how wide their column is */
export function entryColumns(
  rows: readonly EntryRow[],
  { now, glyphs, size }: Model,
): readonly Column<EntryRow>[] {
  const isRoomy = size.columns >= roomyColumns;
  const called = (row: EntryRow): string => (isRoomy ? nameOf(row) : row.report.id);
  const name = rows.reduce((most, row) => Math.max(most, cells(called(row))), shortestName);
  const note = (row: EntryRow, shown: ReadonlySet<string>): Line => noteOf(row, now, !shown.has('last'));
  return [
    {
      name: 'name',
      title: 'ENTRY',
      width: Math.min(isRoomy ? 26 : size.columns < 50 ? 14 : 18, name),
      most: Math.min(44, name),
      gap: 0,
      cell: (row) => text(called(row)),
    },
    {
      name: 'state',
      title: 'STATE',
      width: 9,
      gap: 2,
      cell: (row) => [stateSpan(stateOf(row), glyphs)],
    },
    {
      name: 'bar',
      title: 'PROGRESS',
      width: 12,
      most: 28,
      gap: 2,
      cell: (row, shown, width) =>
        row.run?.fraction === undefined ? note(row, shown) : progressBar(row, width, glyphs),
    },
    {
      name: 'percent',
      title: '',
      width: 4,
      gap: 1,
      align: 'right',
      cell: (row, shown) =>
        row.run?.fraction === undefined && !shown.has('bar') ? note(row, shown) : text(percent(row)),
    },
    right('counts', '', 11, 2, (row) => progressCounts(row)),
    right('rate', 'RATE', 7, 2, ({ run }) =>
      run?.total === undefined && run?.ordinal === undefined
        ? ''
        : run.rate === undefined
          ? glyphs.none
          : perSecond(run.rate),
    ),
    right('eta', 'ETA', 6, 1, ({ run }) =>
      run?.total === undefined ? '' : run.eta === undefined ? glyphs.none : timeLeft(run.eta),
    ),
    {
      name: 'last',
      title: 'LAST RUN',
      width: 11,
      gap: 2,
      cell: ({ report }) => dim(report.lastRun ? ago(Date.parse(report.lastRun.started), now) : 'never'),
    },
    right('records', 'RECORDS', 7, 1, ({ report }) =>
      report.lastRun ? shortCount(report.lastRun.published) : '',
    ),
    {
      name: 'next',
      title: 'NEXT',
      width: 11,
      gap: 2,
      cell: (row) => nextOf(row, now, glyphs.none),
    },
    {
      name: 'cursor',
      title: 'CURSOR',
      width: 20,
      gap: 1,
      cell: ({ report }) => dim(report.cursor === null ? 'from the beginning' : String(report.cursor)),
    },
  ];
}

function nextOf({ report, run }: EntryRow, now: number, none: string): Line {
  if (run || report.state === 'load' || report.state === 'sync') return dim('now');
  if (report.nextRun === null) return dim(report.state === 'ok' ? '' : none);
  const when = upcoming(Date.parse(report.nextRun), now);
  return report.state === 'failed' ? [{ text: when, tone: 'warn' }] : text(when);
}

function right(
  name: string,
  title: string,
  width: number,
  gap: number,
  of: (row: EntryRow) => string,
): Column<EntryRow> {
  return { name, title, width, gap, align: 'right', cell: (row) => text(of(row)) };
}

function text(value: string | undefined): Line {
  return value === undefined || value === '' ? [] : [{ text: value, tone: 'plain' }];
}

function dim(value: string): Line {
  return value === '' ? [] : [{ text: value, tone: 'dim' }];
}
