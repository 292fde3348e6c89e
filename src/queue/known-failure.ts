import type { Recovery } from '../model/errors.ts';

/** What is kept of a library's error. */
export interface BareCause extends Error {
  /** SQLSTATE, or Node's code of a broken connection. */
  readonly code?: string;
}

/** A failure that can be told from others, and what to do about it. */
export interface KnownFailure {
  readonly matches: (cause: BareCause) => boolean;
  readonly what: string;
  readonly code: string;
  readonly recovery: Recovery;
  readonly hint: string;
}
