import type { Clock } from '../model/clock.ts';
import type { Emit } from '../model/events.ts';

/** What every store is opened with. */
export interface StoreOptions {
  /** How long one operation may take. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  /** Hears warnings about the store, each once, and what was made in it. */
  readonly emit?: Emit | undefined;
  /** How long a worker keeps a job without a word, 15,000 by default; for tests. */
  readonly lockMs?: number | undefined;
}
