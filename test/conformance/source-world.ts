import type { SourceRecord } from '../../src/model/record.ts';
import type { RangedSource } from '../../src/source/contract.ts';

/** A source together with the stand-in it reads from, as one check needs them. */
export interface SourceWorld {
  readonly source: RangedSource;
  /** A second entry's source over the same list; `alone` if it does not share the first one's quota. */
  readonly sibling: (quota: 'shared' | 'alone') => RangedSource;
  /** The same list asked with `secret`, which the stand-in does not accept. */
  readonly unauthorized: RangedSource;
  readonly secret: string;
  /** A source over a list of one record that has lost its key. */
  readonly keyless: RangedSource;
  /** What is on the list: some hundred records at least, several of them in one second, and nobody moves. */
  readonly records: readonly Pick<SourceRecord, 'key' | 'version'>[];
  /** The stand-in's clock, epoch milliseconds. */
  readonly now: () => number;
  /** The most requests at once that the stand-in allows, and the most it saw. */
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
