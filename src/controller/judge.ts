import { entryCursor } from '../model/cursor.ts';
import type { Entry } from '../model/entry.ts';
import { decide, type Decision } from '../schedule/due.ts';
import type { ServiceDefaults } from '../services/contract.ts';
import type { RunStore } from '../store/runs.ts';
import type { StoredRun } from '../store/stored-run.ts';
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
  /** A run's start by the wall clock of now, if this process knows it. */
  readonly startOf: (run: StoredRun) => number | undefined;
  /** Entries that a person wants to run. */
  readonly asked: ReadonlySet<string>;
  /** Epoch milliseconds. */
  readonly now: number;
  /** What an entry's service says where the entry says nothing. */
  readonly defaults: (entry: Entry) => ServiceDefaults;
  /** `go --once` does not wait out the pause after a failure. */
  readonly once?: boolean;
}

/** Decides whether an entry of the file is due, with what the store and this process remember of it (S2). */
export function judge(
  known: KnownStateEntry,
  { runs, failures, startOf, asked, now, defaults, once = false }: Memory,
): Judged {
  const unfinished = runs.unfinished(known.key);
  const last = runs.lastDone(known.key);
  const cursor = entryCursor(known.entry);
  const history = {
    unfinished: unfinished !== undefined,
    // A cursor that a person moved says itself how old it is.
    ...(last !== undefined && last.cursorTo === cursor
      ? { lastStart: last.started, lastStartNow: startOf(last) }
      : { lastStart: undefined }),
    ...failures.of(known),
    asked: asked.has(known.key),
  };
  const entry = known.problem ? known.entry : scheduled(known.entry, defaults(known.entry));
  return { decision: decide(entry, history, now, once), last, unfinished };
}

/** A service's schedule holds where the entry says neither when nor how often. */
function scheduled(entry: Entry, { schedule, timezone }: ServiceDefaults): Entry {
  if (entry.schedule !== undefined || entry.refresh_seconds !== undefined) return entry;
  return { ...entry, schedule, timezone: entry.timezone ?? timezone };
}
