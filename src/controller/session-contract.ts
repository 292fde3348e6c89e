import type { Clock } from '../model/clock.ts';
import type { Entry } from '../model/entry.ts';
import type { Emit, RunTotals } from '../model/events.ts';
import type { OpenedSource, Service, ServiceContext, Sink } from '../services/contract.ts';
import type { RawEntry } from '../state/parse.ts';
import type { Settings } from '../state/settings.ts';
import type { RunEnd } from '../store/runs.ts';
import type { StoredRun } from '../store/stored-run.ts';
import type { Store } from '../store/store.ts';
import type { FullQueues } from '../sync/full-queues.ts';
import type { ByteCount } from '../sync/gate.ts';
import type { Outage } from '../sync/outage.ts';
import type { KnownStateEntry } from './known-entries.ts';
import type { StateFile } from './state-file.ts';

/** What a session shares with all others of the process. */
export interface SessionParts {
  readonly store: Store;
  readonly stateFile: StateFile;
  readonly service: Service;
  readonly context: ServiceContext;
  readonly settings: () => Settings;
  readonly outage: Outage;
  readonly unconfirmed: ByteCount;
  readonly full: FullQueues;
  readonly clock: Clock;
  readonly emit: Emit;
  /** How long to wait for a queue that is full or down; undefined waits for ever. */
  readonly giveUpMs: number | undefined;
}

export interface SessionSignals {
  readonly cancel: AbortSignal;
  readonly drain: AbortSignal;
  /** The entry as the file has it now (S4). */
  readonly current: () => Entry;
  /** Told as soon as it is known which run it is. */
  readonly onRun: (run: StoredRun) => void;
  /**
   * Told before and after the session itself moves the ordinal in the file: neither is an edit of a person's.
   * @param intended the ordinal that is being written
   */
  readonly onWrite: (frozen: RawEntry, intended: number | undefined) => void;
}

/** What a session of any kind begins with. */
export interface SessionStart<Source> {
  readonly entry: KnownStateEntry;
  readonly source: Source;
  readonly traffic: OpenedSource['traffic'];
  readonly sink: Sink;
  /** The entry's newest complete run, if the queue still knows it. */
  readonly last: StoredRun | undefined;
  readonly unfinished: StoredRun | undefined;
  readonly parts: SessionParts;
  readonly signals: SessionSignals;
}

/** A run that is committed to the store and ready to go on. */
export interface Prepared {
  readonly run: StoredRun;
  readonly resumed: boolean;
  /** Takes the run as far as it gets; `keep` is told its totals now and then. */
  execute(keep: (totals: RunTotals) => void): Promise<Ended>;
}

export type Ended =
  | ({ readonly kind: 'complete' } & RunEnd)
  | { readonly kind: 'drained'; readonly totals: RunTotals };

export type SessionOutcome = { readonly run: StoredRun } & Ended;
