import type { RequestKind } from './fault.ts';

/** What a simulator has been asked so far. */
export interface RequestCounts<Kind extends string = RequestKind> {
  readonly total: number;
  /** Requests that wait for an answer now. */
  readonly open: number;
  /** The most requests that ever waited at the same time, refused ones included. */
  readonly greatestOpen: number;
  readonly byKind: Readonly<Partial<Record<Kind, number>>>;
  /** By status; `none` for requests that got none. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** By the fault as it was written. */
  readonly byFault: Readonly<Record<string, number>>;
}

export interface RequestCounter<Kind extends string = RequestKind> {
  opened(): void;
  closed(): void;
  /** Once a request: what it was, and how it was answered. */
  answered(kind: Kind, status: number | 'none', fault: string | undefined): void;
  counts(): RequestCounts<Kind>;
}

export function createRequestCounter<Kind extends string = RequestKind>(): RequestCounter<Kind> {
  let [total, open, greatestOpen] = [0, 0, 0];
  const byKind: Partial<Record<Kind, number>> = {};
  const byStatus: Record<string, number> = {};
  const byFault: Record<string, number> = {};
  return {
    opened() {
      total++;
      greatestOpen = Math.max(greatestOpen, ++open);
    },
    closed() {
      open--;
    },
    answered(kind, status, fault) {
      byKind[kind] = (byKind[kind] ?? 0) + 1;
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      if (fault !== undefined) byFault[fault] = (byFault[fault] ?? 0) + 1;
    },
    counts: () => ({
      total,
      open,
      greatestOpen,
      byKind: { ...byKind },
      byStatus: { ...byStatus },
      byFault: { ...byFault },
    }),
  };
}
