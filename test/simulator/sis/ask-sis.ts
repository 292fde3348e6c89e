import { z } from 'zod';
import { resources } from '../../../src/simulator/sis/resources.ts';
import type { ExportService } from '../../../src/simulator/sis/services.ts';
import type { SisSimulator } from '../../../src/simulator/sis/sis.ts';
import type { Json } from '../ask.ts';

const page = z.object({
  entities: z.array(z.looseObject({ metadata: z.looseObject({ modificationOrdinal: z.number().int() }) })),
  hasMore: z.boolean(),
  greatestOrdinal: z.number().int(),
});
export type SisPage = z.infer<typeof page>;

/** One GET at the API address. */
export async function get(
  simulator: SisSimulator,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: Headers; json: Json }> {
  const signal = AbortSignal.timeout(10_000);
  const response = await fetch(`${simulator.url}${path}`, { headers, signal });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

export function pathOf(service: ExportService, query: string): string {
  return `${resources[service].path}?${query}`;
}

/** One page behind `since`. */
export async function readPage(
  simulator: SisSimulator,
  service: ExportService,
  since: number,
  limit = 1000,
): Promise<SisPage> {
  const { json } = await get(simulator, pathOf(service, `since=${since}&limit=${limit}`));
  return page.parse(json);
}

/** Every page behind `since`, as a reader follows hasMore and greatestOrdinal. */
export async function readPages(
  simulator: SisSimulator,
  service: ExportService,
  since = 0,
  limit = 1000,
): Promise<SisPage[]> {
  const pages: SisPage[] = [];
  for (let next = since; ;) {
    const one = await readPage(simulator, service, next, limit);
    pages.push(one);
    if (!one.hasMore) return pages;
    if (one.greatestOrdinal <= next) throw new Error(`the ordinal stays at ${next}`);
    next = one.greatestOrdinal;
  }
}

export function ordinalsOf(pages: readonly SisPage[]): number[] {
  return pages.flatMap(({ entities }) => entities.map(({ metadata }) => metadata.modificationOrdinal));
}
