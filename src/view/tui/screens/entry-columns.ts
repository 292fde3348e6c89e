import { cells } from '../text/cells.ts';
import { isUnfolded } from '../entry-choice.ts';
import type { EntryRow, Model } from '../model.ts';
import { isOn, nameOf, stateOf } from '../row-state.ts';
import type { Line } from '../text/line.ts';
import { noteOf, percent, progressBar, progressCounts, progressWords } from '../text/progress.ts';
import { stateSpan } from '../text/states.ts';
import type { Column } from '../text/table.ts';
import { ago, perSecond, shortCount, timeLeft, upcoming } from '../text/words.ts';

/** What goes first where the screen is too narrow. Name, state and % never go. */
const dropOrder = ['cursor', 'records', 'last', 'counts', 'bar', 'next', 'eta', 'rate'] as const;
/** The same where words take the place of bar and %. */
const wordDropOrder = ['cursor', 'records', 'last', 'next', 'rate'] as const;

export function entryDropOrder(model: Model): readonly string[] {
  return hasBars(model) ? dropOrder : wordDropOrder;
}

const shortestName = 10;
/** Below this the id alone is the name, and it gets less room. */
const roomyColumns = 100;
/** Below this there is room for a name, a state and a word. */
const narrowColumns = 50;

/**
 * Whether bar, %, counts and time left have columns of their own. Services that stand in a group's entry are read along
 * a chain, which says nothing of its length: they need words, and only a wide screen has room for both.
 */
function hasBars({ data: { entries }, size }: Model): boolean {
  const grouped = entries.filter(({ report }) => report.owner !== null).length;
  return grouped < entries.length && (grouped === 0 || size.columns >= roomyColumns);
}

/** The columns of the list of entries. @param rows those in view: the names decide how wide their column is */
export function entryColumns(rows: readonly EntryRow[], model: Model): readonly Column<EntryRow>[] {
  const { now, glyphs, size, data } = model;
  const isRoomy = size.columns >= roomyColumns;
  const isNarrow = size.columns < narrowColumns;
  const called = (row: EntryRow): string => `${foldSign(row, model)}${isRoomy ? nameOf(row) : row.report.id}`;
  // What is folded away comes and goes with its runs, and must not move the others.
  const named = [...rows, ...data.entries.filter(({ report }) => report.owner !== null)];
  const name = named.reduce((most, row) => Math.max(most, cells(called(row))), shortestName);
  return [
    {
      name: 'name',
      title: 'ENTRY',
      width: Math.min(isRoomy ? 26 : isNarrow ? 14 : 18, name),
      most: Math.min(isNarrow ? 20 : 44, name),
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
    ...(hasBars(model) ? progressColumns(model) : [wordColumn(model)]),
    right('rate', 'RATE', 7, 2, ({ run }) => {
      if (run?.total === undefined && run?.ordinal === undefined) return '';
      return run.rate === undefined ? glyphs.none : perSecond(run.rate);
    }),
    ...(hasBars(model) ? [etaColumn(model)] : []),
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
      cell: (row) => (row.members ? [] : dim(String(row.report.cursor ?? 'from the beginning'))),
    },
  ];
}

/** A bar, %, and counts; a note where an entry has none of them. */
function progressColumns({ now, glyphs }: Model): readonly Column<EntryRow>[] {
  const note = (row: EntryRow, shown: ReadonlySet<string>): Line => noteOf(row, now, !shown.has('last'));
  return [
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
  ];
}

function etaColumn({ glyphs }: Model): Column<EntryRow> {
  return right('eta', 'ETA', 6, 1, ({ run }) =>
    run?.total === undefined ? '' : run.eta === undefined ? glyphs.none : timeLeft(run.eta),
  );
}

function wordColumn({ now, size: { columns } }: Model): Column<EntryRow> {
  const isNarrow = columns < narrowColumns;
  return {
    name: 'words',
    title: 'PROGRESS',
    width: isNarrow ? 10 : columns < 70 ? 18 : columns < roomyColumns ? 24 : 40,
    most: 60,
    gap: 2,
    cell: (row, shown) =>
      row.run?.fraction === undefined ? noteOf(row, now, !shown.has('last')) : text(progressWords(row)),
  };
}

/** What is in a group stands below it, moved in. */
function foldSign(row: EntryRow, model: Model): string {
  if (row.members) return isUnfolded(row, model) ? '[-] ' : '[+] ';
  return row.report.owner ? '  ' : '';
}

function nextOf(row: EntryRow, now: number, none: string): Line {
  const { report } = row;
  // What runs says so itself, and a sum of many takes the room.
  if (row.members && isOn(row)) return [];
  if (row.run || report.state === 'load' || report.state === 'sync') return dim('now');
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
