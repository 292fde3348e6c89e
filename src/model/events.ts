import type { Cursor } from './cursor.ts';
import type { SluiceError } from './errors.ts';
import type { Window } from './record.ts';
import type { EntryReport } from './status.ts';

/** Names an entry in events: `key` is its identity for as long as the controller knows it, `label` what people call it. */
export interface EntryName {
  readonly key: string;
  readonly label: string;
}

/** What a run did, for the write-back, the history and the last line of the log. */
export interface RunTotals {
  /** Distinct records read from the source. */
  readonly read: number;
  /** Records the sink confirmed. */
  readonly published: number;
  /** Records that came although this run or the one before had published them, and were left out; those of `reread` too. */
  readonly ignored: number;
  readonly requests: number;
  /** Requests that were sent again because the one before came to nothing. */
  readonly retried: number;
  /** How long the slowest request took, milliseconds. */
  readonly slowestMs: number;
  /** Records read again because the list moved under a page boundary (S7). */
  readonly reread: number;
  readonly deadLetters: number;
  readonly bytes: number;
  /** Wall time over all sessions of the run. */
  readonly seconds: number;
  /** How long reading stood still, by what it waited for, milliseconds over all sessions of the run. */
  readonly waitedMs: Readonly<Record<Limit, number>>;
}

/**
 * What keeps a run from being faster: the source's answers and pauses, the queue's room and confirmations, too few
 * readers (`worker_count`), or the places of the source's quota.
 */
export type Limit = 'source' | 'queue' | 'workers' | 'quota';

/** A problem of the state file or the settings file, placed where a person can see it. */
export interface FileProblem {
  readonly file: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  /** What is wrong and what was expected. */
  readonly message: string;
}

export type RunMode = 'LOAD' | 'SYNC';

/** Everything worth knowing that happens. Views reduce these; nothing else is printed or drawn. */
export type SluiceEvent = { readonly at: number } & EventBody;

export type EventBody =
  | {
      readonly type: 'controller.started';
      readonly version: string;
      readonly state: string;
      readonly queue: string;
    }
  | {
      readonly type: 'controller.checked';
      readonly entries: number;
      /** How many of them begin now. */
      readonly due: number;
      readonly running: number;
    }
  | { readonly type: 'controller.stopped'; readonly reason: string; readonly seconds: number }
  /** What is known of every entry, after each check and each run; only when it changed. */
  | { readonly type: 'entries.known'; readonly entries: readonly EntryReport[] }
  | { readonly type: 'state.changed'; readonly entries: number }
  | { readonly type: 'state.rejected'; readonly problem: FileProblem; readonly kept: string | undefined }
  | { readonly type: 'state.accepted' }
  | { readonly type: 'entry.invalid'; readonly problem: FileProblem; readonly label: string }
  | {
      readonly type: 'entry.fresh';
      readonly entry: EntryName;
      readonly cursor: Cursor;
      readonly next: number | undefined;
    }
  | { readonly type: 'entry.paused'; readonly entry: EntryName }
  | {
      readonly type: 'run.started';
      readonly entry: EntryName;
      readonly runId: string;
      readonly mode: RunMode;
      readonly resumed: boolean;
      readonly workers: number;
    }
  | {
      readonly type: 'run.window';
      readonly entry: EntryName;
      readonly runId: string;
      readonly window: Window;
      readonly total: number;
    }
  /** A chained run begins, `after` before the cursor by the overlap, or goes on, `after` where it stopped. */
  | {
      readonly type: 'run.chain';
      readonly entry: EntryName;
      readonly runId: string;
      readonly cursor: number;
      readonly after: number;
    }
  /** The file's ordinal was moved on in the middle of a run (S5). */
  | {
      readonly type: 'run.advanced';
      readonly entry: EntryName;
      readonly runId: string;
      readonly cursor: number;
    }
  /** Published chunks that no consumer has finished yet; told when the number changes, 0 at the end. */
  | {
      readonly type: 'chunks.waiting';
      readonly entry: EntryName;
      readonly runId: string;
      readonly queue: string;
      readonly chunks: number;
      readonly workers: number;
      /** From now on there is nobody to take them, which is worth a line. */
      readonly unattended: boolean;
    }
  /** A reader has asked the source for a page; `page.read` says when it came. */
  | {
      readonly type: 'page.asked';
      readonly entry: EntryName;
      readonly runId: string;
      readonly page: number;
      readonly worker: number;
    }
  | {
      readonly type: 'page.read';
      readonly entry: EntryName;
      readonly runId: string;
      readonly page: number;
      readonly worker: number;
      /** Of ranged pages: where it begins, and how many records the window held then. */
      readonly offset?: number;
      readonly total?: number;
      /** Of chained pages: the greatest ordinal. */
      readonly ordinal?: number;
      readonly records: number;
      readonly ms: number;
    }
  | {
      readonly type: 'page.reread';
      readonly entry: EntryName;
      readonly runId: string;
      readonly page: number;
      readonly records: number;
    }
  | {
      readonly type: 'page.confirmed';
      readonly entry: EntryName;
      readonly runId: string;
      readonly page: number;
      readonly records: number;
    }
  | {
      readonly type: 'run.again';
      readonly entry: EntryName;
      readonly runId: string;
      readonly read: number;
      readonly total: number;
    }
  | {
      readonly type: 'run.finished';
      readonly entry: EntryName;
      readonly runId: string;
      readonly cursor: Cursor;
      readonly totals: RunTotals;
    }
  | {
      readonly type: 'run.failed';
      readonly entry: EntryName;
      readonly runId: string;
      readonly error: SluiceError;
      readonly retryAt: number | undefined;
    }
  | {
      readonly type: 'run.cancelled';
      readonly entry: EntryName;
      readonly runId: string;
      readonly reason: string;
      /** The ordinal up to which the run was confirmed and written into the file, where it stays. */
      readonly kept?: number;
    }
  | {
      readonly type: 'run.drained';
      readonly entry: EntryName;
      readonly runId: string;
      readonly published: number;
    }
  | {
      readonly type: 'record.dead';
      readonly entry: EntryName;
      readonly reason: string;
      readonly key: string | undefined;
    }
  /** Dead letters were retried or dropped, or came to the end of a retry; how many there are now. */
  | { readonly type: 'letters.changed'; readonly letters: number }
  | {
      readonly type: 'source.retry';
      readonly host: string;
      readonly reason: string;
      readonly attempt: number;
      readonly waitMs: number;
    }
  | { readonly type: 'queue.down'; readonly queue: string; readonly reason: string; readonly waitMs: number }
  | { readonly type: 'queue.up'; readonly queue: string; readonly downMs: number }
  | { readonly type: 'queue.full'; readonly queue: string; readonly reason: string; readonly workers: number }
  /** Nobody waits for room any more; `hasRoom` is false when the last run that did has ended instead. */
  | { readonly type: 'queue.flowing'; readonly queue: string; readonly hasRoom: boolean }
  | {
      readonly type: 'quit.requested';
      readonly by: string;
      readonly running: number;
      readonly drainSeconds: number;
    }
  | {
      readonly type: 'notice';
      readonly level: 'info' | 'warn' | 'error';
      readonly topic: string;
      readonly message: string;
    };

/** Where events go. Never throws and never blocks: the engine does not wait for a view (invariant 7). */
export type Emit = (event: EventBody) => void;
