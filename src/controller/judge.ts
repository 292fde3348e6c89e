import { decide, type Decision } from '../schedule/due.ts';
import type { RunStore, StoredRun } from '../store/runs.ts';
import type { Failures } from './failures.ts';
import type { KnownStateEntry } from './known-entries.ts';

/** What is known of an entry besides its text. */
export interface Judged {
  readonly decision: Decision;
  /** The newest complete run. */
  readonly last: StoredRun | undefined;
  readonly unfinished: StoredRun | undefined;
}

/**
 * Decides whether an entry of the file is due, with what the store and this process remember of it (S2).
 * @param now epoch milliseconds
 */
export function judge(
  known: KnownStateEntry,
  runs: RunStore,
  failures: Failures,
  now: number,
  ignoreFailures = false,
): Judged {
  const unfinished = runs.unfinished(known.key);
  const last = runs.lastDone(known.key);
  const cursor = known.entry.latest_timestamp ?? undefined;
  const history = {
    unfinished: unfinished !== undefined,
    // A cursor that a person moved says itself how old it is.
    lastStart: last !== undefined && last.cursorTo === cursor ? last.started : undefined,
    ...failures.of(known),
    asked: false,
  };
  return { decision: decide(known.entry, history, now, ignoreFailures), last, unfinished };
}
