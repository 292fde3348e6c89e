import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { QueueError } from '../../src/model/errors.ts';
import type { Chunk } from '../../src/model/record.ts';
import { deliver } from '../../src/sync/deliver.ts';

const refusal = new QueueError('cannot be stored', { code: 'queue.unstorable', recovery: 'skip' });

function chunkOf(id: string, values: readonly number[]): Chunk {
  return { id, keys: values.map(String), values, bytes: values.length };
}

test('a refused record is found alone, whatever stands beside it, and everything else arrives once', async () => {
  const chunks = fc.array(fc.uniqueArray(fc.nat(50), { minLength: 1, maxLength: 20 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(chunks, fc.nat({ max: 7 }), async (lists, poison) => {
      const given = lists.map((values, index) => chunkOf(`r1-${index}-0-ff`, values));
      const arrived = new Map<string, readonly unknown[]>();
      const refused = await deliver(given, async (some) => {
        if (some.some(({ values }) => values.includes(poison))) throw refusal;
        for (const { id, values } of some) arrived.set(id, values);
        await Promise.resolve();
      });
      const all = lists.flat();
      expect([...arrived.values()].flat().map(String).toSorted()).toEqual(
        all
          .filter((value) => value !== poison)
          .map(String)
          .toSorted(),
      );
      expect(refused).toMatchObject(
        all
          .filter((value) => value === poison)
          .map((value) => ({ key: String(value), value, reason: 'cannot be stored' })),
      );
    }),
  );
});

test('halves carry -a and -b, so that a replay gives them the same ids', async () => {
  const ids: string[] = [];
  await deliver([chunkOf('r1-0-0-ff', [1, 2, 3])], async (some) => {
    ids.push(...some.map(({ id }) => id));
    await Promise.resolve();
    if (some.some(({ values }) => values.includes(2))) throw refusal;
  });
  expect(ids).toEqual(['r1-0-0-ff', 'r1-0-0-ff-a', 'r1-0-0-ff-a-a', 'r1-0-0-ff-a-b', 'r1-0-0-ff-b']);
});

test("any other error is the run's, not the record's", async () => {
  const down = new QueueError('down', { code: 'queue.failed', recovery: 'retry' });
  await expect(deliver([chunkOf('r1-0-0-ff', [1, 2])], () => Promise.reject(down))).rejects.toBe(down);
});
