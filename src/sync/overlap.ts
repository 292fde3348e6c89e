import type { ChainedPage } from '../model/record.ts';

/** Follows where the next run has to begin so that it meets changes that were committed late (S10). */
export interface Overlap {
  /** Notes a page in the order of reading. @param read when, by the clock of this machine, epoch milliseconds */
  note(page: ChainedPage, read: { readonly askedAt: number; readonly answeredAt: number }): void;
  /** The ordinal behind which a change may still come to light that the pages so far did not show. It never goes back. */
  from(): number;
}

export interface OverlapOptions {
  /** How long a change may take from getting its ordinal to being visible, milliseconds. */
  readonly overlapMs: number;
  /** The ordinal that is safe whatever happens: where the run began to read, or what an earlier session of it found. */
  readonly began: number;
  /** When the run began, if an earlier session of it has read pages behind `began`; epoch milliseconds. */
  readonly readSince: number | undefined;
  /** How far the run before had got, and when it ended, epoch milliseconds. */
  readonly before: { readonly ordinal: number; readonly endedAt: number } | undefined;
}

/**
 * A change shows at most `overlapMs` after it got its ordinal. So what lies before an ordinal that was given longer ago
 * than that is settled; but it counts when the page was read, not when the run ends: a change that shows after its page
 * and before the end of a long run is late too. That an ordinal was given long ago is known from when its record was
 * changed, where a source tells, and from the end of the run before.
 */
export function createOverlap({ overlapMs, began, readSince, before }: OverlapOptions): Overlap {
  let settled = began;
  /** Since when there has been something behind `settled` that was read: by this machine's clock, and by the source's. */
  let openAt = readSince;
  let openNow: number | undefined;
  let isOver = false;

  return {
    note({ records, next, hasMore, now }, { askedAt, answeredAt }) {
      if (isOver) return;
      const since = Math.min(openAt ?? askedAt, askedAt);
      // Late rather than early: an answer may take minutes, and what was read before it must not seem to be read later.
      let readAt = openAt === undefined ? now : (openNow ?? now - (answeredAt - since));
      let isOpenHere = openAt === undefined;
      if (before && since >= before.endedAt + overlapMs) {
        settled = Math.max(settled, Math.min(hasMore ? next : Number.POSITIVE_INFINITY, before.ordinal));
      }
      for (const { modified, version } of records.toSorted((one, other) => one.version - other.version)) {
        // A time in the future tells nothing: clocks differ, and so do zones.
        if (version <= settled || modified === undefined || modified > now) continue;
        if (modified > readAt - overlapMs) {
          // From here on changes are so new that others may hide between them.
          isOver = true;
          return;
        }
        settled = version;
        readAt = now;
        isOpenHere = true;
      }
      const isClosed = settled >= next;
      openAt = isClosed ? undefined : isOpenHere ? askedAt : since;
      openNow = isClosed ? undefined : readAt;
    },
    from: () => settled,
  };
}
