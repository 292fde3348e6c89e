import type { EpochSeconds } from './time.ts';

/** One member, student, item ...: what a source reads and a sink takes. */
export interface SourceRecord {
  /** What names it for good inside its service; undefined when the source left it out, which makes it a dead letter (S11). */
  readonly key: string | undefined;
  /** Grows with every change of the record: seconds for time-based sources, the ordinal for the others. */
  readonly version: number;
  /** When it was last changed by the source's own clock, epoch milliseconds, where a chained source tells. */
  readonly modified?: number | undefined;
  /** The record as the source gave it. */
  readonly value: unknown;
}

/** What one read of a ranged source returns. */
export interface RangedPage {
  readonly records: readonly SourceRecord[];
  /** How many records the window held when this page was read. */
  readonly total: number;
  /** Size of the answer on the wire, uncompressed. */
  readonly bytes: number;
}

/** What one read of a chained source returns. */
export interface ChainedPage {
  readonly records: readonly SourceRecord[];
  /** The greatest ordinal of this page: where the next one begins. */
  readonly next: number;
  /** Whether there is more to read now. A short or empty page may well have more behind it (S10). */
  readonly hasMore: boolean;
  /** The source's clock when it answered, epoch milliseconds. */
  readonly now: number;
  /** Size of the answer on the wire, uncompressed. */
  readonly bytes: number;
}

/** What one read of a whole source returns: everything there is. */
export interface WholeContent {
  readonly records: readonly SourceRecord[];
  readonly bytes: number;
}

/** The span of changes a run reads: since < version <= until. Null reads from the beginning. */
export interface Window {
  readonly since: EpochSeconds | null;
  readonly until: EpochSeconds;
}

/** The records of one message to a sink. */
export interface Chunk {
  /** `<run>-<page>-<part>-<content hash>`: the same content in the same place of the same run is the same id (S12). */
  readonly id: string;
  /** The records' keys, in the order of the values. */
  readonly keys: readonly string[];
  readonly values: readonly unknown[];
  /** Size as JSON, at most. */
  readonly bytes: number;
}

/** The greatest number of chunks of a run that are published and not confirmed; queues keep twice as many finished jobs (S12). */
export const maxUnconfirmedChunks = 100;

/** How sure a confirmation is: the store holds the chunk, or a consumer has finished it (S13). */
export type Grade = 'queued' | 'processed';

/** Where the chunks of an entry go. */
export interface SinkPlace {
  readonly queue: string;
  /** The name of their jobs. */
  readonly job: string;
  readonly grade: Grade;
}

/** A record no attempt could deliver. */
export interface DeadLetter {
  readonly service: string;
  readonly key: string | undefined;
  readonly reason: string;
  readonly payload: unknown;
  /** Where the consumer failed, if it told. */
  readonly stack?: string | undefined;
  /** How often it was tried; 1 by default. */
  readonly attempts?: number | undefined;
  /** The chunk in which it stood alone, which names its page and its parents (S12). */
  readonly chunk?: string | undefined;
  /** The record's version, where it is known. */
  readonly version?: number | undefined;
}
