import { type Line, padLine, type Span, widthOf } from './line.ts';

export interface Column<Row> {
  readonly name: string;
  readonly title: string;
  /** In cells. */
  readonly width: number;
  /** Empty cells before it. */
  readonly gap: number;
  readonly align?: 'left' | 'right';
  /** May grow to this width when there is room. */
  readonly most?: number;
  /** @param width the cells it has now */
  readonly cell: (row: Row, shown: ReadonlySet<string>, width: number) => Line;
}

export interface Table<Row> {
  readonly head: Line;
  readonly line: (row: Row) => Line;
}

/**
 * Lays columns out in `width` cells. Where they do not fit, those named in `dropOrder` go, the first one first; the
 * others never do. A cell that is too long runs on over empty neighbours.
 */
export function layTable<Row>(
  columns: readonly Column<Row>[],
  dropOrder: readonly string[],
  width: number,
  mark: string,
): Table<Row> {
  const kept = widened(atTheEdge(keep(columns, dropOrder, width)), width);
  const shown: ReadonlySet<string> = new Set(kept.map(({ name }) => name));
  const lay = (cell: (column: Column<Row>) => Line, tone?: Span['tone']): Line => {
    const row: Span[] = [];
    for (let at = 0; at < kept.length; at += 1) {
      const column = kept[at];
      if (!column) break;
      const content = cell(column);
      row.push({ text: ' '.repeat(column.gap), tone: 'plain' });
      let room = column.width;
      while (widthOf(content) > room && isEmptyAfter(at)) {
        at += 1;
        room += (kept[at]?.gap ?? 0) + (kept[at]?.width ?? 0);
      }
      // What is last may use what is left of the row.
      if (at === kept.length - 1 && column.align !== 'right') room = width - widthOf(row);
      row.push(...padLine(content, room, mark, room === column.width ? column.align : 'left'));
    }
    return tone === undefined ? row : row.map(({ text }) => ({ text, tone }));

    function isEmptyAfter(position: number): boolean {
      const next = kept[position + 1];
      return next !== undefined && cell(next).length === 0;
    }
  };
  return {
    head: lay(({ title }) => (title === '' ? [] : [{ text: title, tone: 'dim' }]), 'dim'),
    line: (row) => lay((column) => column.cell(row, shown, column.width)),
  };
}

function keep<Row>(
  columns: readonly Column<Row>[],
  dropOrder: readonly string[],
  width: number,
): readonly Column<Row>[] {
  let kept = columns;
  for (const name of dropOrder) {
    if (total(kept) <= width) break;
    kept = kept.filter((column) => column.name !== name);
  }
  return kept;
}

/** Whichever column is the first one now begins where the row begins. */
function atTheEdge<Row>([first, ...rest]: readonly Column<Row>[]): readonly Column<Row>[] {
  return first ? [{ ...first, gap: 0 }, ...rest] : [];
}

/** Shares what is left of the row among the columns that may grow, the first one first. */
function widened<Row>(columns: readonly Column<Row>[], width: number): readonly Column<Row>[] {
  let left = Math.max(0, width - total(columns));
  return columns.map((column) => {
    const more = Math.min(left, Math.max(0, (column.most ?? 0) - column.width));
    left -= more;
    return more === 0 ? column : { ...column, width: column.width + more };
  });
}

function total<Row>(columns: readonly Column<Row>[]): number {
  return columns.reduce((sum, column) => sum + column.gap + column.width, 0);
}
