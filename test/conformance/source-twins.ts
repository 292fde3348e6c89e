import type { RangedPage, SourceRecord, Window } from '../../src/model/record.ts';
import type { RangedSource } from '../../src/source/contract.ts';
import type { SourceWorld } from './source-world.ts';

export function withWindow(source: RangedSource, change: (window: Window) => Window): Partial<SourceWorld> {
  const read: RangedSource['read'] = (request, stop) =>
    source.read({ ...request, window: change(request.window) }, stop);
  return { source: { ...source, read } };
}

export function withPages(source: RangedSource, change: (page: RangedPage) => RangedPage): RangedSource {
  return { ...source, read: async (request, stop) => change(await source.read(request, stop)) };
}

export function withRecords(
  source: RangedSource,
  change: (record: SourceRecord) => SourceRecord,
): RangedSource {
  return withPages(source, (page) => ({ ...page, records: page.records.map(change) }));
}

export function failingWith(source: RangedSource, error: Error): RangedSource {
  return { ...source, probe: () => Promise.reject(error) };
}

export function oneAtATime(source: RangedSource): RangedSource {
  let last: Promise<unknown> = Promise.resolve();
  const read: RangedSource['read'] = (request, stop) => {
    const next = last.then(() => source.read(request, stop));
    last = next;
    return next;
  };
  return { ...source, read };
}
