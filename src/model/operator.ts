import type { PersonCommands } from './commands.ts';
import type { RunMode, RunTotals } from './events.ts';
import type { LetterBook } from './letters.ts';
import type { QueueStatus } from './queues.ts';

/** A run as the history shows it. Times are epoch milliseconds. */
export interface RunRecord {
  readonly id: string;
  /** The entry's key. */
  readonly entry: string;
  readonly label: string;
  readonly mode: RunMode;
  readonly result: RunResult;
  readonly started: number;
  readonly finished: number | undefined;
  /** Why it stopped the last time, or why it never goes on. */
  readonly error: string | undefined;
  readonly totals: RunTotals;
}

/**
 * What became of a run: `writing` is done but for its write-back, `running` is on now, `unfinished` goes on at the next
 * check, `stopped` goes on after a failure, `cancelled` and `failed` never do.
 */
export type RunResult = 'done' | 'writing' | 'running' | 'unfinished' | 'stopped' | 'cancelled' | 'failed';

/** What a screen can do to the controller it shows, and ask it beyond the events. */
export interface Operator extends PersonCommands {
  /** The file that a person edits. */
  readonly statePath: string;
  /** Every queue of the store; undefined while it cannot be reached. */
  queues(): Promise<readonly QueueStatus[] | undefined>;
  /** The newest runs of all entries, newest first. */
  history(): readonly RunRecord[];
  readonly letters: LetterBook;
  /** The first request drains, the second ends at once. */
  quit(by: string): void;
}
