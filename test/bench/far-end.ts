import { join } from 'node:path';
import { z } from 'zod';
import { openQueueStore } from '../../src/queue/open.ts';
import { parseQueueUrl } from '../../src/queue/url.ts';
import type { Folder } from './program.ts';

const membersShape = z.array(z.object({ id: z.string() }));

/**
 * Reads every job back from the queue and counts the members in them, which nobody's own word is taken for.
 * Throws when they are not exactly the `expected` members, each once. @returns how many jobs held them
 */
export async function countAtFarEnd(
  { path, queue }: Pick<Folder, 'path' | 'queue'>,
  expected: number,
): Promise<number> {
  const store = await openQueueStore(parseQueueUrl(queue), {
    folder: join(path, 'queue'),
    deadlineMs: 60_000,
  });
  try {
    const jobs = await store.queue('lists').peek(1_000_000, AbortSignal.timeout(60_000));
    const names = jobs.flatMap(({ name, data }) =>
      membersShape.parse(data).map((member) => `${name} ${member.id}`),
    );
    const distinct = new Set(names).size;
    if (distinct === expected && names.length === expected) return jobs.length;
    throw new Error(`${names.length} members, ${distinct} of them distinct, arrived instead of ${expected}`);
  } finally {
    await store.close();
  }
}
