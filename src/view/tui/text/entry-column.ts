import { cells } from './cells.ts';
import { say } from './line.ts';
import { shortLabel } from './names.ts';
import type { Column } from './table.ts';

/** Whose row it is, as wide as the longest name in view. */
export function entryColumn<Row extends { readonly label: string }>(inView: readonly Row[]): Column<Row> {
  const longest = inView.reduce((most, { label }) => Math.max(most, cells(shortLabel(label))), 0);
  return {
    name: 'entry',
    title: 'ENTRY',
    width: 14,
    most: Math.min(30, longest),
    gap: 2,
    cell: ({ label }) => say(shortLabel(label)),
  };
}
