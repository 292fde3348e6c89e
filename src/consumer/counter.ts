/** What a consumer did since it was opened. */
export interface ConsumerTotals {
  /** Jobs that were stored. */
  readonly chunks: number;
  /** Entities in them. */
  readonly records: number;
  /** Jobs that failed. */
  readonly failed: number;
  /** Why the last of them did. */
  readonly reason: string | undefined;
}

export interface Counter {
  readonly stored: (records: number) => void;
  readonly failed: (error: unknown) => void;
  readonly totals: () => ConsumerTotals;
}

export function createCounter(): Counter {
  let totals: ConsumerTotals = { chunks: 0, records: 0, failed: 0, reason: undefined };
  return {
    stored(records) {
      totals = { ...totals, chunks: totals.chunks + 1, records: totals.records + records };
    },
    failed(error) {
      const reason = error instanceof Error ? error.message : String(error);
      totals = { ...totals, failed: totals.failed + 1, reason };
    },
    totals: () => totals,
  };
}
