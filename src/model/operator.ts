import type { PersonCommands } from './commands.ts';
import type { RunMode, RunTotals } from './events.ts';
import type { QueueStatus } from './queues.ts';

/** A run as the history shows it. Times are epoch milliseconds. */
export interface RunRecord {
  readonly id: string;
  /** The entry's key. */
  readonly entry: string;
  readonly label: string;
  readonly state: 'running' | 'completing' | 'done' | 'dropped';
  readonly mode: RunMode;
  readonly started: number;
  readonly finished: number | undefined;
  /** Why it stopped the last time, or why it was dropped. */
  readonly error: string | undefined;
  readonly totals: RunTotals;
}

/** What a screen can do to the controller it shows, and ask it beyond the events. */
export interface Operator extends PersonCommands {
  /** The file that a person edits. */
  readonly statePath: string;
  /** Every queue of the store; undefined while it cannot be reached. */
  queues(): Promise<readonly QueueStatus[] | undefined>;
  /** The newest runs of all entries, newest first. */
  history(): readonly RunRecord[];
  /** The first request drains, the second ends at once. */
  quit(by: string): void;
}
