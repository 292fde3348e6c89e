/** What became of the records of one page. */
export interface PageCount {
  readonly published: number;
  readonly ignored: number;
  readonly deadLetters: number;
}

/** Sums what confirmed pages did, for the unbroken prefix only: a page beyond it is done again after a kill. */
export interface PageCounts {
  add(page: number, count: PageCount): void;
  /** The sum over the pages before one. Pages are asked for in growing order. */
  before(page: number): PageCount;
}

export function createPageCounts(): PageCounts {
  const waiting = new Map<number, PageCount>();
  const sum = { published: 0, ignored: 0, deadLetters: 0 };
  return {
    add: (page, count) => void waiting.set(page, count),
    before(page) {
      for (const [number, count] of waiting) {
        if (number >= page) continue;
        sum.published += count.published;
        sum.ignored += count.ignored;
        sum.deadLetters += count.deadLetters;
        waiting.delete(number);
      }
      return { ...sum };
    },
  };
}
