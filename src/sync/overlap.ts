import type { ChainedPage } from '../model/record.ts';

/** Follows where the next run has to begin so that it meets changes that were committed late (S10). */
export interface Overlap {
  /** Notes a page in the order of reading. @param at the clock of this machine, epoch milliseconds */
  note(page: ChainedPage, at: number): void;
  /** The ordinal behind which a change may still come to light. @param endedAt as `at` */
  from(endedAt: number): number;
}

export interface OverlapOptions {
  /** How long a change may take from getting its ordinal to being visible, milliseconds. */
  readonly overlapMs: number;
  /** The ordinal that is safe whatever happens: where the run itself began to read. */
  readonly began: number;
  /** How far the run before had got, and when it ended. */
  readonly before: { readonly ordinal: number; readonly endedAt: number } | undefined;
}

/**
 * A late change got its ordinal at most `overlapMs` before it shows, so it lies behind every record that was changed
 * longer ago than that when it was read; and behind whatever was read longer ago than that, which is all there is to
 * go by where a source does not tell when its records were changed.
 */
export function createOverlap({ overlapMs, began, before }: OverlapOptions): Overlap {
  let settled = began;
  const marks: { at: number; ordinal: number }[] = before
    ? [{ at: before.endedAt, ordinal: before.ordinal }]
    : [];
  return {
    note({ records, next, now }, at) {
      for (const { modified, version } of records) {
        if (modified !== undefined && modified <= now - overlapMs) settled = Math.max(settled, version);
      }
      const last = marks.at(-1);
      // One a second is fine enough, and a load of days stays small.
      if (last && at - last.at < 1000) last.ordinal = Math.min(last.ordinal, next);
      else marks.push({ at, ordinal: next });
      while (marks.length > 2 && (marks[1]?.at ?? at) <= at - overlapMs) marks.shift();
    },
    from(endedAt) {
      const old = marks.filter(({ at }) => at <= endedAt - overlapMs).map(({ ordinal }) => ordinal);
      return Math.max(settled, ...old);
    },
  };
}
