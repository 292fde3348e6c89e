import { visible } from '../model/visible.ts';

/** Rows under a header, each column as wide as its widest cell; nothing from outside leaves its cell. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const safe = [header, ...rows].map((row) => row.map(visible));
  const widths = header.map((_, column) => Math.max(...safe.map((row) => row[column]?.length ?? 0)));
  const lines = safe.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}
