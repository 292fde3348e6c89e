import { setImmediate as turn } from 'node:timers/promises';
import type { RangedPage, SourceRecord } from '../../src/model/record.ts';
import type { RangedRequest, RangedSource } from '../../src/source/contract.ts';

/** A list in memory that stands still, whose answers a test may bend. */
export interface FixedList extends RangedSource {
  /** The pages asked for, in order. */
  readonly asked: readonly RangedRequest[];
  /** How often the total was asked for. */
  readonly totals: () => number;
}

export interface FixedListOptions {
  /** What a page becomes on its way; throw to fail it. `nth` counts from 0. */
  readonly bend?: (page: RangedPage, request: RangedRequest, nth: number) => RangedPage | Promise<RangedPage>;
  readonly bendTotal?: (total: number, nth: number) => number | Promise<number>;
  readonly bendProbe?: (total: number) => number;
}

/** Its clock says 1,800,000,000, so that a window ends 5 seconds before. */
export const fixedNow = 1_800_000_000;

export function createFixedList(records: readonly SourceRecord[], options: FixedListOptions = {}): FixedList {
  const { bend, bendTotal, bendProbe } = options;
  const asked: RangedRequest[] = [];
  let totals = 0;
  const since = (start: number | null): SourceRecord[] =>
    records.filter(({ version }) => start === null || version > start);
  return {
    asked,
    totals: () => totals,
    probe: async (start) => {
      const total = since(start).length;
      return await Promise.resolve({ now: fixedNow * 1000, total: bendProbe?.(total) ?? total });
    },
    async read(request, signal) {
      const { window, offset, limit } = request;
      const nth = asked.push(request) - 1;
      await turn();
      signal.throwIfAborted();
      const all = since(window.since).filter(({ version }) => version <= window.until + 1);
      const page = { records: all.slice(offset, offset + limit), total: all.length, bytes: 10 };
      return (await bend?.(page, request, nth)) ?? page;
    },
    async total(window, signal) {
      totals += 1;
      await turn();
      signal.throwIfAborted();
      const total = since(window.since).filter(({ version }) => version <= window.until + 1).length;
      return (await bendTotal?.(total, totals - 1)) ?? total;
    },
  };
}

/** Members `m0`, `m1` ..., one a second unless told otherwise. */
export function members(count: number, version = (i: number): number => 1000 + i): SourceRecord[] {
  return Array.from({ length: count }, (_, i) => memberOf(`m${i}`, version(i)));
}

export function memberOf(key: string, version: number): SourceRecord {
  return { key, version, value: { id: key, version } };
}
