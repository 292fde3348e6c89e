import type { Window } from '../model/record.ts';
import type { EpochSeconds } from '../model/time.ts';

/** How far a window's end lies behind the source's clock: what happens now cannot reach into it any more (S6). */
export const settleSeconds = 5;

/**
 * The window of a new time-based run: everything after the cursor up to T, a moment just past by the source's own clock.
 * T never lies before the cursor, so a cursor never moves back (invariant 3).
 * @param cursor `latest_timestamp`; null for a full load
 * @param sourceNow the source's clock, epoch milliseconds
 */
export function frozenWindow(cursor: EpochSeconds | null, sourceNow: number): Window {
  const settled = Math.floor(sourceNow / 1000) - settleSeconds;
  return { since: cursor, until: cursor === null ? settled : Math.max(settled, cursor) };
}

/**
 * The window to ask the source for. The overlap is subtracted in the query only: it covers clocks with a resolution of
 * one second and either meaning of a bound (S6). A resumed run reads by value, from just before its checkpoint (S8).
 */
export function queryWindow(
  window: Window,
  overlapSeconds: number,
  resumeAt: EpochSeconds | undefined,
): Window {
  if (resumeAt !== undefined) return { since: resumeAt - 1, until: window.until };
  return { since: window.since === null ? null : window.since - overlapSeconds, until: window.until };
}
