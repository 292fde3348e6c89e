import type { RangedPage, SourceRecord } from '../model/record.ts';

/** A stretch of a ranged window. */
export interface Stretch {
  readonly offset: number;
  readonly limit: number;
}

/**
 * What must be read again before a page counts as read (S7). Records only leave a window, so where the total fell by d
 * between two neighbouring pages, up to d records slid under the boundary between them. Undefined when nothing slid.
 *
 * The stretch is twice as long as need be, because the list goes on moving while it is read: with a bare d, a list that
 * loses a record within every request would never be mended.
 * @param offset where the later page begins
 * @param before the total when the earlier page was read
 * @param now the smallest total seen since
 */
export function slid(offset: number, before: number, now: number): Stretch | undefined {
  const distance = before - now;
  if (distance <= 0 || offset === 0) return undefined;
  const limit = Math.min(offset, 2 * distance);
  return { offset: offset - limit, limit };
}

/** How the records between two pages are kept. A part, so that its twin can be swapped in (S24). */
export interface Mending {
  readonly slid: typeof slid;
  readonly margin: typeof margin;
}

/**
 * How far before its boundary a page begins, so that what slides under a boundary at the usual pace comes with the page
 * and costs no request of its own. Nothing for a list that stands still.
 * @param drift how many records slid between neighbouring pages lately
 * @param limit the page's size; a quarter of it at most goes into the margin
 */
export function margin(drift: number, limit: number): number {
  return Math.min(Math.ceil(2 * drift), Math.floor(limit / 4));
}

/** The drift after one more boundary: it rises at once and falls slowly. */
export function nextDrift(drift: number, distance: number): number {
  const now = Math.max(0, distance);
  return now > drift ? now : drift - (drift - now) / 8;
}

export interface Boundary {
  readonly offset: number;
  /** How many records before the boundary came with the later page. */
  readonly covered: number;
  readonly before: number;
  readonly now: number;
  /** How much one request may ask for. */
  readonly longest: number;
}

/**
 * Reads what slid under a page boundary, further and further back until everything that can have slid meanwhile is
 * covered. Backwards, because records only move towards the beginning: what lies before a stretch that was read still
 * lies before it when the next one is read, so nothing slips past between two reads.
 */
export async function mendBoundary(
  { offset, covered, before, now, longest }: Boundary,
  read: (stretch: Stretch) => Promise<RangedPage>,
  slidUnder: typeof slid,
): Promise<SourceRecord[]> {
  const found: (readonly SourceRecord[])[] = [];
  let low = now;
  let reached = offset - covered;
  while (reached > 0 && before - low > offset - reached) {
    const stretch = slidUnder(offset, before, low);
    if (stretch === undefined) break;
    const start = Math.max(stretch.offset, reached - longest);
    const page = await read({ offset: start, limit: reached - start });
    found.unshift(page.records);
    low = Math.min(low, page.total);
    reached = start;
  }
  return found.flat();
}
