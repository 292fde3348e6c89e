import type { ChainedPage, SourceRecord } from '../../src/model/record.ts';
import type { ChainedSource } from '../../src/source/contract.ts';

/** A chained source in memory: the newest change of each key, by ordinal. Changes may become visible late. */
export interface ChainedList extends ChainedSource {
  /** The clock of the source, epoch milliseconds. */
  now: number;
  readonly reads: { readonly after: number; readonly limit: number }[];
  /** Called before each read; throw to fail it, return a promise to hold it. */
  before: () => void | Promise<void>;
  /** Changes a key: it gets the next ordinal, which shows once the clock has come to `visibleAt`. @returns the ordinal */
  change(key: string, visibleAt?: number): number;
  /** The newest visible state. */
  newest(): ReadonlyMap<string, number>;
}

interface Change {
  readonly key: string;
  readonly ordinal: number;
  readonly modified: number;
  readonly visibleAt: number;
}

export interface ChainedListOptions {
  /** Whether it tells when records were changed. */
  readonly tellsTime?: boolean;
  /** The most records of a page, whatever is asked for. */
  readonly mostRecords?: number;
}

export function createChainedList({
  tellsTime = true,
  mostRecords = 1000,
}: ChainedListOptions = {}): ChainedList {
  const changes: Change[] = [];
  let ordinal = 0;
  const visible = (): Change[] => {
    const newest = new Map<string, Change>();
    for (const change of changes) if (change.visibleAt <= list.now) newest.set(change.key, change);
    return [...newest.values()].toSorted((left, right) => left.ordinal - right.ordinal);
  };
  const list: ChainedList = {
    now: Date.parse('2026-11-21T10:00:00Z'),
    reads: [],
    before: () => {},
    change(key, visibleAt = list.now) {
      ordinal += 3;
      changes.push({ key, ordinal, modified: list.now, visibleAt });
      return ordinal;
    },
    newest: () => new Map(visible().map((change) => [change.key, change.ordinal])),
    async read({ after, limit }, signal) {
      list.reads.push({ after, limit });
      await list.before();
      signal.throwIfAborted();
      const behind = visible().filter((change) => change.ordinal > after);
      const page = behind.slice(0, Math.min(limit, mostRecords));
      return pageOf(page, behind.length > page.length, after, list.now, tellsTime);
    },
  };
  return list;
}

function pageOf(
  changes: readonly Change[],
  hasMore: boolean,
  after: number,
  now: number,
  tellsTime: boolean,
): ChainedPage {
  const records = changes.map(({ key, ordinal, modified }): SourceRecord => ({
    key,
    version: ordinal,
    ...(tellsTime ? { modified } : {}),
    value: { id: key, ordinal },
  }));
  return { records, next: changes.at(-1)?.ordinal ?? after, hasMore, now, bytes: 100 };
}
