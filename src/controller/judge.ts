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

/** What a judgement looks at besides the entry. */
export interface Memory {
  readonly runs: RunStore;
  readonly failures: Failures;
  /** Entries that a person wants to run. */
  readonly asked: ReadonlySet<string>;
  /** Epoch milliseconds. */
  readonly now: number;
  /** `go --once` does not wait out the pause after a failure. */
  readonly once?: boolean;
}

/** Decides whether an entry of the file is due, with what the store and this process remember of it (S2). */
export function judge(known: KnownStateEntry, { runs, failures, asked, now, once = false }: Memory): Judged {
  const unfinished = runs.unfinished(known.key);
  const last = runs.lastDone(known.key);
  const cursor = known.entry.latest_timestamp ?? undefined;
  const history = {
    unfinished: unfinished !== undefined,
    // A cursor that a person moved says itself how old it is.
    lastStart: last !== undefined && last.cursorTo === cursor ? last.started : undefined,
    ...failures.of(known),
    asked: asked.has(known.key),
  };
  return { decision: decide(known.entry, history, now, once), last, unfinished };
}
