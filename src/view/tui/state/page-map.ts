export type PageState = 'ahead' | 'reading' | 'published' | 'confirmed';

/** Where every page of a run stands: one byte a page, as there may be a hundred thousand. */
export interface PageMap {
  mark(page: number, state: PageState): void;
  /** Begins again, as the window is read again; the pages from now on are its first. */
  restart(): void;
  /**
   * The pages in `width` cells at most, several to a cell where there are more: a cell is as far as its slowest page
   * that anything was done about.
   * @param expected how many pages there will be, as far as is known
   */
  cells(width: number, expected: number): readonly PageState[];
}

const states = ['ahead', 'reading', 'published', 'confirmed'] as const;
/** No run has more; a page number beyond it is not drawn. */
const mostPages = 1_000_000;

export function createPageMap(): PageMap {
  let marks = new Uint8Array(256);
  let first: number | undefined;
  let length = 0;
  let restartAt = 0;

  return {
    mark(page, state) {
      if (page < restartAt) return;
      first ??= page;
      const at = page - first;
      if (at < 0 || at >= mostPages) return;
      if (at >= marks.length) {
        const longer = new Uint8Array(Math.max(at + 1, marks.length * 2));
        longer.set(marks);
        marks = longer;
      }
      const rank = states.indexOf(state);
      marks[at] = Math.max(marks[at] ?? 0, rank);
      length = Math.max(length, at + 1);
    },
    restart() {
      restartAt = (first ?? 0) + length;
      first = undefined;
      length = 0;
      marks.fill(0);
    },
    cells(width, expected) {
      const pages = Math.max(length, Math.min(expected, mostPages), 0);
      if (pages === 0 || width <= 0) return [];
      const perCell = Math.ceil(pages / width);
      return Array.from({ length: Math.ceil(pages / perCell) }, (_, cell) => {
        const end = Math.min(pages, (cell + 1) * perCell);
        let least = 3;
        let most = 0;
        for (let page = cell * perCell; page < end; page += 1) {
          const rank = page < length ? (marks[page] ?? 0) : 0;
          least = Math.min(least, rank);
          most = Math.max(most, rank);
        }
        // Half done and half ahead is being worked on.
        const rank = least === 0 && most > 0 ? Math.min(most, 2) : least;
        return states[rank] ?? 'ahead';
      });
    },
  };
}
