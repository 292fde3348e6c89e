import type { Quota } from './quota.ts';
import type { Attempt } from './traffic.ts';

export interface RequestOptions {
  readonly quota: Quota;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * What a 403 without JSON means: `overload`, tried again after a pause of the whole quota, which is how Mailchimp's
   * edge refuses under load (apis.md 1.4); or `final`. Overload by default.
   */
  readonly bareForbidden?: 'overload' | 'final';
  /** 6 by default: with the back-off that is 15 s of waiting on average and 31 s at most. */
  readonly attempts?: number;
  /** For each attempt, from sending to the last byte: 120 s, which is Mailchimp's own limit (apis.md 1.4). */
  readonly deadlineMs?: number;
  /** The most bytes of a body, compressed or not: 64 MB. */
  readonly maxBytes?: number;
  /**
   * Called when the whole body of a 200 is here, before it is parsed: whoever waits for the line may send the next
   * request while this answer is worked on. Called again after an answer that turns out to be no JSON and is retried.
   */
  readonly onBody?: (() => void) | undefined;
  /** Told about every request that was sent. */
  readonly onAttempt?: ((attempt: Attempt) => void) | undefined;
}

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body; undefined where an answer other than 2xx had none that is JSON. */
  readonly json: unknown;
  /** Size of the body, uncompressed. */
  readonly bytes: number;
  /** The server's clock by its Date header, epoch milliseconds. */
  readonly date: number | undefined;
  /** This machine's clock when the answer was complete, epoch milliseconds. */
  readonly received: number;
}
