import type { SourceRecord, Window } from '../../src/model/record.ts';
import type { RangedSource } from '../../src/source/contract.ts';
import type { SourceWorld } from './source-world.ts';

/** A window in the midst of the list whose both ends are seconds of records. */
export function middle(records: SourceWorld['records']): { readonly since: number; readonly until: number } {
  const versions = records.map(({ version }) => version).toSorted((a, b) => a - b);
  const at = (share: number): number => versions[Math.floor(versions.length * share)] ?? 0;
  return { since: at(0.3), until: at(0.7) };
}

/** How many records to keep so that the last of them shares its second with the next. */
export function insideOneSecond(sorted: readonly SourceRecord[]): number {
  const at = sorted.findIndex(({ version }, index) => version === sorted[index + 1]?.version);
  if (at < 0) throw new Error('the list needs several records in one second');
  return at + 1;
}

export function everything(now: () => number): Window {
  return { since: null, until: Math.floor(now() / 1000) - 5 };
}

const signal = new AbortController().signal;

export async function readAll(source: RangedSource, window: Window, limit: number): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for (let offset = 0, total = 1; offset < total; offset += limit) {
    const page = await source.read({ window, offset, limit }, signal);
    total = page.total;
    records.push(...page.records);
  }
  return records;
}

export function keysIn(
  records: SourceWorld['records'],
  window: { readonly since: number; readonly until: number },
): string[] {
  return sortedKeys(records.filter(({ version }) => version > window.since && version <= window.until));
}

export function sortedKeys(records: SourceWorld['records']): string[] {
  return records.map(({ key }) => String(key)).toSorted((a, b) => (a < b ? -1 : 1));
}
