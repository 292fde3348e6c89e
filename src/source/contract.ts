import type { ChainedPage, RangedPage, WholeContent, Window } from '../model/record.ts';
import type { EpochSeconds } from '../model/time.ts';

/**
 * A source whose pages are known up front: offsets into a window sorted by version, ascending, that can only lose
 * records while it is read, because it ends in the past by the source's own clock (S6, S7).
 * Every method rejects with a SourceError, or with an AbortError when `signal` aborts.
 */
export interface RangedSource {
  /**
   * One cheap request before a run: the source's clock in epoch milliseconds, and how many records
   * changed after `since` (an estimate of the work, which includes changes after the window's end).
   */
  probe(
    since: EpochSeconds | null,
    signal: AbortSignal,
  ): Promise<{ readonly now: number; readonly total: number }>;
  /**
   * The records at [offset, offset + limit) of the window, and the window's total at that moment.
   * @param onReceived may be called once the answer is here and only has to be taken apart: the next one can be asked for
   */
  read(request: RangedRequest, signal: AbortSignal, onReceived?: () => void): Promise<RangedPage>;
  /** How many records the window holds now. */
  total(window: Window, signal: AbortSignal): Promise<number>;
}

/** What one request may ask a ranged source for. */
export const longestRequest = 1000;

export interface RangedRequest {
  readonly window: Window;
  readonly offset: number;
  /** 1..longestRequest. */
  readonly limit: number;
}

/**
 * A source whose pages name the next one: changes in the order of their ordinal, each page read after the one before.
 * `read` rejects with a SourceError, or with an AbortError when `signal` aborts.
 */
export interface ChainedSource {
  /**
   * The changes behind an ordinal, in its order, at most `limit` of them.
   * @param onReceived may be called once the answer is here and only has to be taken apart
   */
  read(request: ChainedRequest, signal: AbortSignal, onReceived?: () => void): Promise<ChainedPage>;
}

export interface ChainedRequest {
  /** Exclusive; 0 reads from the beginning. */
  readonly after: number;
  /** 1..10000. */
  readonly limit: number;
}

/** A source that gives all it has in one answer, without cursor: a codebook. Rejects as a ChainedSource does. */
export interface WholeSource {
  read(signal: AbortSignal): Promise<WholeContent>;
}
