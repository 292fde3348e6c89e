import type { Model } from '../model.ts';
import { joined, type Line, say } from '../text/line.ts';
import { layTable, type Column } from '../text/table.ts';
import { chosenAt, listOf, topFor } from '../ui.ts';

export interface ListOptions<Row> {
  readonly screen: string;
  readonly rows: readonly Row[];
  readonly idOf: (row: Row) => string;
  readonly columns: (inView: readonly Row[]) => readonly Column<Row>[];
  readonly dropOrder: readonly string[];
  /** Title of the column by which the rows are ordered, to be marked in the head. */
  readonly order?: string | undefined;
}

/** A table with a chosen row, of which only the rows in view are laid out: the head and at most `height - 1` of them. */
export function listLines<Row>(
  { screen, rows, idOf, columns, dropOrder, order }: ListOptions<Row>,
  { ui, glyphs }: Model,
  width: number,
  height: number,
): Line[] {
  const choice = listOf(ui, screen);
  const room = Math.max(0, height - 1);
  const chosen = chosenAt(choice, rows.map(idOf));
  const top = topFor(choice.top, Math.max(0, chosen), rows.length, room);
  const inView = rows.slice(top, top + room);
  const mark = choice.reversed ? glyphs.rising : glyphs.falling;
  const marked = columns(inView).map((column) => (column.title === order ? withMark(column, mark) : column));
  const table = layTable(marked, dropOrder, width - 3, glyphs.more);
  return [
    joined(say('   '), table.head),
    ...inView.map((row, at): Line => {
      const isChosen = top + at === chosen;
      const lead = say(isChosen ? ` ${glyphs.pointer} ` : '   ', 'running');
      const [first, ...rest] = table.line(row).filter(({ text }) => text !== '');
      const name = first ? say(first.text, isChosen ? 'strong' : first.tone) : [];
      return joined(lead, name, rest);
    }),
  ];
}

/** Which rows of how many are in view, when not all are: `1-20 of 1,000`. */
export function positionText(top: number, room: number, length: number): string {
  if (length <= room) return '';
  return `${top + 1}-${Math.min(length, top + room)} of ${length.toLocaleString('en-US')}`;
}

function withMark<Row>(column: Column<Row>, mark: string): Column<Row> {
  return { ...column, title: `${column.title} ${mark}` };
}
