import type { ChurnRates } from './churn.ts';
import type { Fault, RequestKind } from './fault.ts';
import type { Bounds } from './members-query.ts';

export interface MailchimpOptions extends Partial<ChurnRates> {
  /** Default 0: any free one. The host is always 127.0.0.1. */
  readonly port?: number;
  /** How many members each list has at the start, by list id. Default `{ demo: 1000 }`. */
  readonly lists?: Readonly<Record<string, number>>;
  /** Default 1. The same seed and the same clock give the same members, changes and faults. */
  readonly seed?: number;
  /** How long each answer takes. Default 0. */
  readonly latencyMs?: number;
  /** Default none. */
  readonly faults?: readonly Fault[];
  /** The server's clock, epoch milliseconds; the Date header shows it. Default Date.now. */
  readonly now?: () => number;
  /** The password of HTTP Basic. Default `simulator-us1`. */
  readonly apiKey?: string;
  /** How many requests may be under way; the next ones get 429. Default 10 (apis.md 1.4). */
  readonly maxConnections?: number;
  /** Whether since/before_last_changed include their own second. Default neither: since is known, before is not (apis.md 1.2). */
  readonly boundsInclusive?: Partial<Bounds>;
  /** Told of each request once it is answered. */
  readonly onAnswer?: (line: AnswerLine) => void;
}

export interface AnswerLine {
  readonly kind: RequestKind;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** `none` when the client got no status. */
  readonly status: number | 'none';
  /** How many members the answer held. */
  readonly members: number;
  /** The fault that struck, as it was written. */
  readonly fault: string | undefined;
}
