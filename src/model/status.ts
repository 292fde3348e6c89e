/** What is known of one entry. Times are ISO 8601 in UTC. */
export interface EntryStatus {
  readonly id: string;
  readonly service: string;
  /** The id of the entry that it stands in together with other services; null where it has one of its own. */
  readonly group: string | null;
  readonly state: 'load' | 'sync' | 'ok' | 'due' | 'late' | 'failed' | 'paused' | 'invalid';
  readonly cursor: string | number | null;
  readonly lastRun: {
    readonly started: string;
    readonly seconds: number;
    readonly read: number;
    readonly published: number;
  } | null;
  readonly nextRun: string | null;
  /** Why it failed or does not run. */
  readonly cause: string | null;
}

/** What `sluice status` prints for one entry (S22). */
export interface LiveStatus extends EntryStatus {
  /** Of the run that is on; null where none is. */
  readonly progress: RunProgress | null;
}

/** How far a run has got since it was started or went on. */
export interface RunProgress {
  readonly read: number;
  /** Records the sink confirmed. */
  readonly published: number;
  /** About how many there are; null where the source does not say. */
  readonly total: number | null;
  /** Up to which ordinal was read; null where changes are not numbered. */
  readonly ordinal: number | null;
  /** Chunks that no consumer has finished yet. */
  readonly waitingChunks: number;
}

/** An entry with all that a screen shows of it at rest; the live part comes from the run's events. */
export interface EntryReport extends EntryStatus {
  /** Its identity in all events. */
  readonly key: string;
  readonly label: string;
  /** The identity of the entry that it stands in with others, and what people call that. */
  readonly owner: { readonly key: string; readonly label: string } | null;
  /** In force now: written, or the service's default. */
  readonly workerCount: number;
  readonly itemsPerRequest: number;
  readonly paused: boolean;
}
