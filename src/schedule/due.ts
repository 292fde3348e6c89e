import type { Entry } from '../model/entry.ts';
import { parseTimestamp } from '../model/time.ts';
import { nextFire } from './cron.ts';

/** What the controller remembers of an entry, as far as it decides when the entry runs. Times are epoch milliseconds. */
export interface EntryHistory {
  /** A run was begun and neither finished nor dropped. */
  readonly unfinished: boolean;
  /**
   * Start of the last complete run, by the wall clock of then; undefined when none is known, or a person has moved the
   * cursor since.
   */
  readonly lastStart: number | undefined;
  /** The same by the wall clock of now, if this process knows it: earlier when the clock was set back since (`timeOf`). */
  readonly lastStartNow?: number | undefined;
  /** Failures in a row and the time of the newest. */
  readonly failures: number;
  readonly lastFailure: number | undefined;
  /** A person asked for a run. */
  readonly asked: boolean;
}

export type Decision =
  | { readonly kind: 'due'; readonly reason: 'unfinished' | 'never synced' | 'asked' }
  /** By time; `since` is when it became due, epoch milliseconds. */
  | { readonly kind: 'due'; readonly reason: 'late' | 'schedule'; readonly since: number }
  | {
      readonly kind: 'waiting';
      readonly reason: 'fresh' | 'failed' | 'paused';
      readonly next: number | undefined;
    };

/** How old a cursor may grow before an entry is due, when neither entry nor service says (systems.md 8.4). */
export const defaultRefreshSeconds = 7200;

/** How far clocks may differ before a moment in the future counts as wrong. */
const clockToleranceMs = 60_000;

/**
 * Decides whether an entry runs now (S2). Pure; any number of missed times is one run.
 * @param now epoch milliseconds
 * @param ignoreFailures `go --once` does not wait out the pause after a failure
 */
export function decide(entry: Entry, history: EntryHistory, now: number, ignoreFailures = false): Decision {
  if (entry.paused === true) return { kind: 'waiting', reason: 'paused', next: undefined };
  if (history.asked) return { kind: 'due', reason: 'asked' };
  const retryAt = retryTime(history);
  if (retryAt !== undefined && now < retryAt && !ignoreFailures) {
    return { kind: 'waiting', reason: 'failed', next: retryAt };
  }
  if (history.unfinished) return { kind: 'due', reason: 'unfinished' };
  const base = baseTime(entry, history);
  if (base === undefined) return { kind: 'due', reason: 'never synced' };
  // The clock was set back, or the cursor was typed wrong: waiting for that moment would be falling behind in silence.
  if (base.now > now + clockToleranceMs) return { kind: 'due', reason: 'late', since: now };
  const late = refreshTime(entry, base.now);
  if (late !== undefined && now >= late) return { kind: 'due', reason: 'late', since: late };
  const fire = entry.schedule === undefined ? undefined : fireTime(entry.schedule, entry.timezone, base);
  if (fire !== undefined && now >= fire) return { kind: 'due', reason: 'schedule', since: fire };
  return { kind: 'waiting', reason: 'fresh', next: earliest(late, fire) };
}

/** When an entry that failed is tried again: 1, 2, 4 ... 60 minutes after the failure. */
export function retryTime(history: Pick<EntryHistory, 'failures' | 'lastFailure'>): number | undefined {
  if (history.failures === 0 || history.lastFailure === undefined) return undefined;
  const minutes = Math.min(60, 2 ** (history.failures - 1));
  return history.lastFailure + minutes * 60_000;
}

/** A moment as the wall clock showed it then, and by the wall clock of now. */
interface Base {
  readonly shown: number;
  readonly now: number;
}

/** The moment ages are counted from; undefined when the entry has never been synced. */
function baseTime(entry: Entry, { lastStart, lastStartNow }: EntryHistory): Base | undefined {
  const cursor = entry.latest_timestamp;
  const hasCursor = (cursor ?? undefined) !== undefined || (entry.latest_ordinal ?? undefined) !== undefined;
  if (lastStart !== undefined) return { shown: lastStart, now: lastStartNow ?? lastStart };
  if (!hasCursor) return undefined;
  const seconds = typeof cursor === 'string' ? parseTimestamp(cursor) : undefined;
  return seconds === undefined ? undefined : { shown: seconds * 1000, now: seconds * 1000 };
}

/**
 * When a schedule fires next. A clock that was set back shows times again for which the entry has run: such a time counts
 * once more when the last run is longer ago than half of what the schedule leaves between two, so that an hourly entry
 * goes on every hour and a daily one does not run twice in a night.
 */
function fireTime(schedule: string, zone: string | undefined, base: Base): number | undefined {
  const fire = nextFire(schedule, zone, base.shown);
  if (base.now >= base.shown) return fire;
  const again = nextFire(schedule, zone, base.now);
  const after = again === undefined ? undefined : nextFire(schedule, zone, again);
  if (again === undefined || after === undefined) return fire;
  return earliest(fire, nextFire(schedule, zone, base.now + (after - again) / 2));
}

/** A schedule speaks for itself: the default age applies to entries without one only. */
function refreshTime(entry: Entry, base: number): number | undefined {
  const seconds = entry.refresh_seconds ?? (entry.schedule === undefined ? defaultRefreshSeconds : undefined);
  return seconds === undefined ? undefined : base + seconds * 1000;
}

function earliest(...times: (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
