/** One request that was sent, whether or not it was any use. */
export interface Attempt {
  readonly host: string;
  /** Undefined when no answer came. */
  readonly status: number | undefined;
  /** Bytes of the body as received, compressed ones where they were. */
  readonly bytes: number;
  /** From the moment the quota let it go until the body was complete. */
  readonly ms: number;
}

export interface Traffic {
  readonly requests: number;
  readonly bytes: number;
  readonly slowestMs: number;
}

/** Adds up attempts for one caller, such as a run: hand `count` to whatever sends requests and read `totals()`. */
export function createTraffic(): {
  readonly count: (attempt: Attempt) => void;
  readonly totals: () => Traffic;
} {
  let requests = 0;
  let bytes = 0;
  let slowestMs = 0;
  return {
    count(attempt) {
      requests += 1;
      bytes += attempt.bytes;
      slowestMs = Math.max(slowestMs, attempt.ms);
    },
    totals: () => ({ requests, bytes, slowestMs }),
  };
}
