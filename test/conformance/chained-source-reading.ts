import type { ChainedPage } from '../../src/model/record.ts';
import type { ChainedRequest, ChainedSource } from '../../src/source/contract.ts';
import type { ChainedSourceWorld } from './chained-source-world.ts';

const signal = new AbortController().signal;

/** Every page after `after`, in the order in which they name each other. */
export async function follow(
  source: ChainedSource,
  { after, limit }: ChainedRequest,
): Promise<ChainedPage[]> {
  const pages: ChainedPage[] = [];
  for (let next = after, hasMore = true; hasMore && pages.length < 1000;) {
    const page = await source.read({ after: next, limit }, signal);
    pages.push(page);
    ({ next, hasMore } = page);
  }
  return pages;
}

/** What the records are told apart by. */
export function named(
  records: ChainedSourceWorld['records'],
): readonly { readonly key: string | undefined; readonly version: number }[] {
  return records.map(({ key, version }) => ({ key, version }));
}

export function withPages(source: ChainedSource, change: (page: ChainedPage) => ChainedPage): ChainedSource {
  return { read: async (request, stop, onReceived) => change(await source.read(request, stop, onReceived)) };
}

export function withRequests(
  source: ChainedSource,
  change: (request: ChainedRequest) => ChainedRequest,
): ChainedSource {
  return { read: (request, stop) => source.read(change(request), stop) };
}

export function failingWith(failure: Error): ChainedSource {
  return { read: () => Promise.reject(failure) };
}
