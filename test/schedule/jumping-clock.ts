import { type Decision, type decide, type EntryHistory } from '../../src/schedule/due.ts';
import { type Moment, timeOf } from '../../src/schedule/moment.ts';
import type { Entry } from '../../src/model/entry.ts';

/** What happens to the clocks between two checks of a controller; minutes. */
export type Happening =
  | { readonly kind: 'nothing' }
  /** Somebody sets the wall clock, or NTP does: forward, or back when negative. */
  | { readonly kind: 'set'; readonly minutes: number }
  /** The machine sleeps: the wall clock goes on, the other one stands still. */
  | { readonly kind: 'sleep'; readonly minutes: number };

export interface Check {
  /** Epoch milliseconds by the wall clock, of this check and the one before it. */
  readonly before: number;
  readonly wall: number;
  /** Milliseconds that have really passed since the beginning. */
  readonly passed: number;
  readonly happened: Happening;
  readonly decision: Decision;
}

export interface Parts {
  readonly decide: typeof decide;
  readonly timeOf: typeof timeOf;
}

export const minute = 60_000;

/** A controller that checks an entry once a step, and runs it at once when it is due. It has run at the beginning. */
export function play(
  entry: Entry,
  { start, step = minute }: { readonly start: number; readonly step?: number },
  happenings: readonly Happening[],
  parts: Parts,
): Check[] {
  const checks: Check[] = [];
  let wall = start;
  let elapsed = 0;
  let passed = 0;
  let ran: Moment = { at: wall, elapsed };
  for (const happened of happenings) {
    const before = wall;
    wall += step;
    elapsed += step;
    passed += step;
    if (happened.kind !== 'nothing') wall += happened.minutes * minute;
    if (happened.kind === 'sleep') passed += happened.minutes * minute;
    const now = { now: () => wall, elapsed: () => elapsed };
    const history: EntryHistory = {
      unfinished: false,
      lastStart: ran.at,
      lastStartNow: parts.timeOf(ran, now),
      failures: 0,
      lastFailure: undefined,
      asked: false,
    };
    const decision = parts.decide(entry, history, wall);
    if (decision.kind === 'due') ran = { at: wall, elapsed };
    checks.push({ before, wall, passed, happened, decision });
  }
  return checks;
}
