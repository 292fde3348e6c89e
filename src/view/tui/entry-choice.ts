import { withGroups } from './group-row.ts';
import type { EntryRow, Model, ScreenData, Ui } from './model.ts';
import { nameOf, rateOf, stateOf } from './row-state.ts';
import { chosenAt, listOf, placeOf } from './ui.ts';

/** The orders of the list of entries; `rate` and `last run` put the greatest first. */
export const entryOrders = ['file', 'state', 'name', 'rate', 'last run'] as const;

/** What asks for attention comes first. */
const urgency = ['failed', 'invalid', 'late', 'load', 'sync', 'due', 'paused', 'ok'] as const;

/**
 * The rows of the list, in the chosen order: entries, and groups with their services below them. Of a folded group only
 * those services are there that run or need a look, and the one that is chosen: a row must not go from under the cursor.
 */
export function shownEntries(model: Model): readonly EntryRow[] {
  const { data, ui, size } = model;
  const last = lastShown.get(data);
  // Several parts of one frame ask for it.
  if (last?.lists === ui.lists && last.folds === ui.folds && last.height === size.rows) return last.rows;
  const rows = rowsOf(model, isUnfolded);
  lastShown.set(data, { lists: ui.lists, folds: ui.folds, height: size.rows, rows });
  return rows;
}

/** Every entry that the filter lets through, folded or not, without the groups; in the chosen order. */
export function everyEntry(model: Model): readonly EntryRow[] {
  return rowsOf(model, () => true).filter(({ members }) => !members);
}

const lastShown = new WeakMap<
  ScreenData,
  {
    readonly lists: Ui['lists'];
    readonly folds: Ui['folds'];
    readonly height: number;
    readonly rows: readonly EntryRow[];
  }
>();

function rowsOf(model: Model, isOpen: (group: EntryRow, model: Model) => boolean): readonly EntryRow[] {
  const { data, ui } = model;
  const { filter, order, reversed, row: chosen } = listOf(ui, 'entries');
  const compare = comparisons[entryOrders[order] ?? 'file'];
  const ordered = (rows: readonly EntryRow[]): readonly EntryRow[] => {
    const sorted = compare ? rows.toSorted(compare) : rows;
    return reversed ? sorted.toReversed() : sorted;
  };
  const isFound = (row: EntryRow): boolean => filter === '' || matches(textOf(row), filter);
  return ordered(withGroups(data.entries)).flatMap((row) => {
    const all = filter !== '' || (row.members && isOpen(row, model));
    const members = (row.members ?? []).filter(
      (member) => all || needsLook(member) || member.report.key === chosen,
    );
    return [row, ...ordered(members)].filter(isFound);
  });
}

/** Whether all services of a group have a row: as a person wants it, else where there is room for all rows there are. */
export function isUnfolded({ report }: EntryRow, { data, ui, size }: Model): boolean {
  return ui.folds[report.key] ?? withGroups(data.entries).length + groupedIn(data) <= size.rows - otherRows;
}

/** Header, titles, message, footer, and what is said below the list. */
const otherRows = 9;

function groupedIn({ entries }: ScreenData): number {
  return entries.filter(({ report }) => report.owner !== null).length;
}

/** Dead letters may lie there for days: the group's row and their own screen have them. */
function needsLook(row: EntryRow): boolean {
  return !['ok', 'due', 'paused'].includes(stateOf(row));
}

/** The entry that keys are about: the one that is open, or the one chosen in the list. */
export function chosenEntry(model: Model): EntryRow | undefined {
  const { entry } = placeOf(model.ui);
  if (entry !== undefined) return model.data.entries.find(({ report }) => report.key === entry);
  const rows = shownEntries(model);
  const at = chosenAt(
    listOf(model.ui, 'entries'),
    rows.map(({ report }) => report.key),
  );
  return rows[at];
}

/** `!word` lets through what does not have it. Capitals make no difference. */
export function matches(text: string, filter: string): boolean {
  const wanted = filter.toLowerCase();
  if (!wanted.startsWith('!')) return text.toLowerCase().includes(wanted);
  return wanted === '!' || !text.toLowerCase().includes(wanted.slice(1));
}

function textOf(row: EntryRow): string {
  const { service, group, cause } = row.report;
  return `${nameOf(row)} ${service} ${group ?? ''} ${stateOf(row)} ${cause ?? ''}`;
}

const byName = new Intl.Collator('en', { numeric: true });

const comparisons: Readonly<
  Record<(typeof entryOrders)[number], ((a: EntryRow, b: EntryRow) => number) | undefined>
> = {
  file: undefined,
  state: (a, b) => urgency.indexOf(stateOf(a)) - urgency.indexOf(stateOf(b)),
  name: (a, b) => byName.compare(nameOf(a), nameOf(b)),
  rate: (a, b) => (rateOf(b) ?? -1) - (rateOf(a) ?? -1),
  'last run': (a, b) => (b.report.lastRun?.started ?? '').localeCompare(a.report.lastRun?.started ?? ''),
};
