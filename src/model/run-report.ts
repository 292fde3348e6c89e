import type { Limit, RunMode } from './events.ts';
import type { RunResult } from './operator.ts';

/** What `sluice history` prints of one run (S22). Times are ISO 8601 in UTC. */
export interface RunReport {
  readonly id: string;
  /** As a person calls it: its `id`, list or service; the file may not have it any more. */
  readonly entry: string;
  readonly mode: RunMode;
  readonly result: RunResult;
  /** Why it stopped, or why it was cancelled. */
  readonly reason: string | null;
  readonly started: string;
  readonly finished: string | null;
  readonly read: number;
  readonly published: number;
  readonly ignored: number;
  readonly requests: number;
  readonly retried: number;
  readonly slowestMs: number;
  readonly reread: number;
  readonly dead: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Who limited the speed most; null when nobody did, or nobody measured it. */
  readonly limitedBy: Limit | null;
}
