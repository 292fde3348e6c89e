import type { SourceRecord } from '../../src/model/record.ts';
import type { ChainedSource } from '../../src/source/contract.ts';

/** A chained source together with the stand-in it reads from, as one check needs them. */
export interface ChainedSourceWorld {
  readonly source: ChainedSource;
  /** A second entry's source over the same changes; `alone` if it does not share the first one's quota. */
  readonly sibling: (quota: 'shared' | 'alone') => ChainedSource;
  /** The same changes with a deadline of some 50 ms for each attempt. */
  readonly impatient: ChainedSource;
  /** The same changes asked with `secret`, which the stand-in does not accept. */
  readonly unauthorized: ChainedSource;
  readonly secret: string;
  /** A source that may not read what it asks for. */
  readonly forbidden: ChainedSource;
  /** A source over one change that has lost its key. */
  readonly keyless: ChainedSource;
  /** A source whose ordinals are greater than a number can hold exactly. */
  readonly unsafe: ChainedSource;
  /**
   * All changes in the order of their ordinals, some hundred with gaps between them; nothing changes. Read in pages of
   * 10, some come short and some empty though there is more.
   */
  readonly records: readonly Pick<SourceRecord, 'key' | 'version'>[];
  /** The stand-in's clock, epoch milliseconds; not the clock of this machine. */
  readonly now: () => number;
  /** The most requests at once that one quota allows, and the most the stand-in saw. */
  readonly limit: number;
  readonly busiest: () => number;
  /** Requests that wait for an answer now. */
  readonly open: () => number;
  readonly slowDown: (ms: number) => void;
  /** The next answers are cut off. */
  readonly breakAnswers: (times: number) => void;
  /** No request is answered from now on. */
  readonly hang: () => void;
  readonly close: () => Promise<void>;
}
