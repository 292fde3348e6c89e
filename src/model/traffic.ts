/** What was asked of a source since it was opened. Times are milliseconds. */
export interface Traffic {
  /** Attempts included that came to nothing. */
  readonly requests: number;
  /** Requests that were sent again because the one before came to nothing. */
  readonly retried: number;
  /** As they came over the wire. */
  readonly bytes: number;
  readonly slowestMs: number;
  /** What all requests spent together: under way, waiting for a place in the quota, and pausing before another attempt. */
  readonly spentMs: { readonly underWay: number; readonly quota: number; readonly pausing: number };
}

/** The traffic of a source that nothing was asked of yet. */
export const noTraffic: Traffic = {
  requests: 0,
  retried: 0,
  bytes: 0,
  slowestMs: 0,
  spentMs: { underWay: 0, quota: 0, pausing: 0 },
};
