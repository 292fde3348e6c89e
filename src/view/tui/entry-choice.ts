import type { EntryRow, ListChoice, Model, ScreenData } from './model.ts';
import { chosenAt, listOf, placeOf } from './ui.ts';

/** The orders of the list of entries; `rate` and `last run` put the greatest first. */
export const entryOrders = ['file', 'state', 'name', 'rate', 'last run'] as const;

/** What asks for attention comes first. */
const urgency = ['failed', 'invalid', 'late', 'load', 'sync', 'due', 'paused', 'ok'] as const;

/** The entries that the filter lets through, in the chosen order. */
export function shownEntries({ data, ui }: Model): readonly EntryRow[] {
  const choice = listOf(ui, 'entries');
  const last = lastShown.get(data);
  // Several parts of one frame ask for it.
  if (last?.choice === choice) return last.rows;
  const rows = chooseEntries(data.entries, choice);
  lastShown.set(data, { choice, rows });
  return rows;
}

const lastShown = new WeakMap<
  ScreenData,
  { readonly choice: ListChoice; readonly rows: readonly EntryRow[] }
>();

function chooseEntries(
  entries: readonly EntryRow[],
  { filter, order, reversed }: ListChoice,
): readonly EntryRow[] {
  const some = filter === '' ? entries : entries.filter((row) => matches(textOf(row), filter));
  const compare = comparisons[entryOrders[order] ?? 'file'];
  const sorted = compare ? some.toSorted(compare) : some;
  return reversed ? sorted.toReversed() : sorted;
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

/** What people call it in a table: the id alone where the service says it all. */
export function nameOf({ report }: EntryRow): string {
  return report.service === 'lists' ? `list ${report.id}` : report.id;
}

/** Its state by what is on now. */
export function stateOf({ report, run }: EntryRow): EntryRow['report']['state'] {
  if (run) return run.mode === 'LOAD' ? 'load' : 'sync';
  return report.state;
}

function textOf(row: EntryRow): string {
  return `${nameOf(row)} ${row.report.service} ${stateOf(row)} ${row.report.cause ?? ''}`;
}

const byName = new Intl.Collator('en', { numeric: true });

const comparisons: Readonly<
  Record<(typeof entryOrders)[number], ((a: EntryRow, b: EntryRow) => number) | undefined>
> = {
  file: undefined,
  state: (a, b) => urgency.indexOf(stateOf(a)) - urgency.indexOf(stateOf(b)),
  name: (a, b) => byName.compare(nameOf(a), nameOf(b)),
  rate: (a, b) => (b.run?.rate ?? -1) - (a.run?.rate ?? -1),
  'last run': (a, b) => (b.report.lastRun?.started ?? '').localeCompare(a.report.lastRun?.started ?? ''),
};
