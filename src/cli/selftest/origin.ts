import type { Cursor } from '../../model/cursor.ts';
import type { StoredRun } from '../../store/stored-run.ts';

/**
 * An outside system under test: what is synced, and the truth that is compared with what arrived. One for each kind of
 * pages. It lives in the process that survives.
 */
export interface Origin {
  /** The entry of the state file, without its cursor. */
  readonly entry: Readonly<Record<string, unknown>>;
  /** The cursor it begins with, if the file has one at the start. */
  readonly begin: Readonly<Record<string, unknown>>;
  /** Where the process under test finds it. */
  readonly env: Readonly<Record<string, string>>;
  /** The queue its records go to. */
  readonly queue: string;
  /** Whether a chunk counts as confirmed only when a consumer has finished it (S13). */
  readonly isConsumed: boolean;
  /** Records on the pages that may be published and not yet known to be, at most: one page a worker. */
  readonly underWay: number;
  /** Lets things happen between a kill and a start: changes, departures, arrivals. */
  change(): void;
  /** Puts its clock forward. */
  advance(ms: number): void;
  /** What names a record in its version, `id version`, for comparing. */
  nameOf(value: unknown): string;
  /** The records that a process left word of having confirmed, in the version they have now. */
  claimed(claim: Claim): readonly string[];
  /** Takes half of these records away for ever, so that reading them again cannot hide that they never arrived. */
  forget(names: readonly string[]): void;
  /** What must have arrived when the entry stands at a cursor. */
  due(cursor: Cursor): readonly string[];
  close(): Promise<void>;
}

/** How far a process that is gone says to have got. */
export interface Claim {
  /** What the state file says. */
  readonly cursor: Cursor;
  /** The runs that had not come to their end, with the keys confirmed at their checkpoint. */
  readonly runs: readonly { readonly run: StoredRun; readonly keys: readonly string[] }[];
}
