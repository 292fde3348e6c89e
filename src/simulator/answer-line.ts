import type { RequestKind } from './fault.ts';

/** One request and how it was answered, as a simulator tells of it. */
export interface AnswerLine<Kind extends string = RequestKind> {
  readonly kind: Kind;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** `none` when the client got no status. */
  readonly status: number | 'none';
  /** How many members or entities the answer held. */
  readonly records: number;
  /** The fault that struck, as it was written. */
  readonly fault: string | undefined;
}
