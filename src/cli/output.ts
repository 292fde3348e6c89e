import { visibleJson } from '../model/visible.ts';
import type { CliContext } from './context.ts';
import { table } from './table.ts';

/** Objects as one JSON array with `--json`, else as a table (S22). */
export function printObjects<T>(
  context: CliContext,
  json: boolean,
  header: readonly string[],
  objects: readonly T[],
  row: (object: T) => readonly string[],
): void {
  if (json) context.print(`${visibleJson(JSON.stringify(objects))}\n`);
  else context.print(table(header, objects.map(row)));
}
