import { Agent, request } from 'undici';
import { z } from 'zod';

/** What a bare loop is told, as JSON, by its first argument. */
const orderShape = z.object({
  url: z.string(),
  apiKey: z.string(),
  /** List ids; each is read by `workers` readers of its own, as an entry is. */
  lists: z.array(z.string()),
  pageSize: z.number(),
  workers: z.number(),
  queue: z.string(),
  folder: z.string(),
});

export function readOrder(): z.infer<typeof orderShape> {
  return orderShape.parse(JSON.parse(process.argv[2] ?? ''));
}

/** Takes the members of one page, as one job of the list's name. */
export type Take = (list: string, page: number, members: readonly unknown[]) => Promise<unknown>;

interface Page {
  readonly members: readonly unknown[];
  readonly total_items: number;
}

/**
 * The least that a sync can be: ask for a page, parse it, hand it on, with as many readers and connections as the
 * program has, and no check, no retry, no checkpoint. Prints how long it took, from the first page asked for to the
 * last one handed on; sizes and connections are had before that, as the program has them before its runs start.
 */
export async function readBare(order: ReturnType<typeof readOrder>, take: Take): Promise<void> {
  const { url, apiKey, lists, pageSize, workers } = order;
  const dispatcher = new Agent({ connections: 10, pipelining: 1, allowH2: false });
  const headers = { authorization: `Basic ${Buffer.from(`bench:${apiKey}`).toString('base64')}` };

  const ask = async (list: string, query: string): Promise<Page> => {
    const { body } = await request(`${url}/lists/${list}/members?${query}`, { dispatcher, headers });
    // Not checked: that would no longer be bare.
    const page: Page = JSON.parse(await body.text());
    return page;
  };
  const readers = (list: string, total: number): Promise<void>[] => {
    let next = 0;
    return Array.from({ length: workers }, async () => {
      for (let page = next++; page * pageSize < total; page = next++) {
        const place = `count=${pageSize}&offset=${page * pageSize}`;
        const rest = 'sort_field=last_changed&sort_dir=ASC&exclude_fields=members._links,_links';
        const { members } = await ask(list, `${place}&${rest}`);
        await take(list, page, members);
      }
    });
  };

  const totals = await Promise.all(
    lists.map(async (list) => (await ask(list, 'count=1&fields=total_items')).total_items),
  );
  const started = performance.now();
  await Promise.all(lists.flatMap((list, at) => readers(list, totals[at] ?? 0)));
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(`${JSON.stringify({ seconds })}\n`);
  await dispatcher.close();
}
