/** Follows which pages are confirmed; the only source of "how far" (invariant 2). */
export interface Tracker<Mark> {
  /** The number of pages in the unbroken confirmed prefix. */
  readonly prefix: number;
  /**
   * Notes that a page is confirmed, in any order, once.
   * @returns the marks of the pages the prefix grew by, in page order; empty while a page before is missing
   */
  confirm(page: number, mark: Mark): Mark[];
}

/** A tracker whose first page has the number `first`. */
export function createTracker<Mark>(first = 0): Tracker<Mark> {
  const waiting = new Map<number, Mark>();
  let next = first;
  return {
    get prefix() {
      return next - first;
    },
    confirm(page, mark) {
      waiting.set(page, mark);
      const grown: Mark[] = [];
      for (let found = waiting.get(next); found !== undefined; found = waiting.get(next)) {
        grown.push(found);
        waiting.delete(next);
        next += 1;
      }
      return grown;
    },
  };
}
