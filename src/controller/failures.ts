import type { Clock } from '../model/clock.ts';
import { controllerFields } from '../model/entry.ts';
import { type Moment, timeOf } from '../schedule/moment.ts';
import type { KnownStateEntry } from './known-entries.ts';

/** Failures in a row, by entry. Kept in memory: a restart tries again at once, and so does any edit of the entry (S2). */
export interface Failures {
  of(entry: KnownStateEntry): { readonly failures: number; readonly lastFailure: number | undefined };
  reason(entry: KnownStateEntry): string | undefined;
  /**
   * @param decided the entry as it was when the run was decided
   * @param now the entry as the file has it: what the run itself wrote there is no edit
   * @param pause `longest` for what only a person can mend (S15)
   */
  note(
    decided: KnownStateEntry,
    now: KnownStateEntry,
    failure: { readonly reason: string; readonly pause: 'growing' | 'longest' },
  ): void;
  clear(entry: KnownStateEntry): void;
}

interface Failure extends Moment {
  readonly count: number;
  readonly reason: string;
  /** The person's fields when it failed; another text is an edit. */
  readonly written: string;
}

/** From this many failures in a row on an entry rests an hour (S2). */
const longestPause = 7;

export function createFailures(clock: Clock): Failures {
  const failures = new Map<string, Failure>();
  const standing = (entry: KnownStateEntry): Failure | undefined => {
    const failure = failures.get(entry.key);
    return failure?.written === writtenByPerson(entry) ? failure : undefined;
  };
  return {
    of(entry) {
      const failure = standing(entry);
      return { failures: failure?.count ?? 0, lastFailure: failure && timeOf(failure, clock) };
    },
    reason: (entry) => standing(entry)?.reason,
    note(decided, now, { reason, pause }) {
      const count = (standing(decided)?.count ?? 0) + 1;
      failures.set(decided.key, {
        count: pause === 'longest' ? Math.max(count, longestPause) : count,
        at: clock.now(),
        elapsed: clock.elapsed(),
        reason,
        written: writtenByPerson(now),
      });
    },
    clear: (entry) => void failures.delete(entry.key),
  };
}

/** What a run reports; the cursor counts as a person's, who may have moved it. */
const results: ReadonlySet<string> = new Set(
  controllerFields.filter((field) => !field.startsWith('latest_')),
);

/** What tells one version of an entry from an edited one. */
function writtenByPerson({ raw }: KnownStateEntry): string {
  return JSON.stringify(Object.entries(raw).filter(([name]) => !results.has(name)));
}
