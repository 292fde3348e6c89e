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

export interface Boundary {
  readonly offset: number;
  readonly before: number;
  readonly now: number;
  /** How much one request may ask for. */
  readonly longest: number;
}

/**
 * Reads what slid under a page boundary, again and longer until the stretch covers everything that can have slid
 * meanwhile. A long stretch is read in pieces from its end to its beginning: records only move towards the beginning,
 * so nothing can slip past between two pieces.
 */
export async function mendBoundary(
  boundary: Boundary,
  read: (stretch: Stretch) => Promise<RangedPage>,
  slidUnder: typeof slid,
): Promise<SourceRecord[]> {
  const found: SourceRecord[] = [];
  let low = boundary.now;
  for (;;) {
    const stretch = slidUnder(boundary.offset, boundary.before, low);
    if (stretch === undefined) return found;
    let end = stretch.offset + stretch.limit;
    while (end > stretch.offset) {
      const offset = Math.max(stretch.offset, end - boundary.longest);
      const page = await read({ offset, limit: end - offset });
      found.push(...page.records);
      low = Math.min(low, page.total);
      end = offset;
    }
    if (stretch.offset === 0 || boundary.before - low <= stretch.limit) return found;
  }
}
