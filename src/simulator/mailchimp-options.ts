import type { ChurnRates } from './churn.ts';
import type { CommonOptions } from './controls.ts';
import type { RequestKind } from './fault.ts';
import type { Bounds } from './members-query.ts';

export interface MailchimpOptions extends Partial<ChurnRates>, CommonOptions<RequestKind> {
  /** Default 0: any free one. The host is always 127.0.0.1. */
  readonly port?: number;
  /** How many members each list has at the start, by list id. Default `{ demo: 1000 }`. */
  readonly lists?: Readonly<Record<string, number>>;
  /** The password of HTTP Basic. Default `simulator-us1`. */
  readonly apiKey?: string;
  /** How many requests may be under way; the next ones get 429. Default 10 (apis.md 1.4). */
  readonly maxConnections?: number;
  /** Whether since/before_last_changed include their own second. Default neither: since is known, before is not (apis.md 1.2). */
  readonly boundsInclusive?: Partial<Bounds>;
}
