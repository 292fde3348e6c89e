import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QueueError, RunError } from '../../src/model/errors.ts';
import type { Chunk } from '../../src/model/record.ts';
import { type Finished, settle, settleAll, type SettleParts } from '../../src/sync/settle.ts';

function chunkOf(values: readonly number[], id = 'r1-0-0-ff'): Chunk {
  return { id, keys: values.map((value) => `k${value}`), values, bytes: values.length };
}

const failed = (reason: string, attempts = 1): Finished => ({
  state: 'failed',
  reason,
  stack: 'at x',
  attempts,
});
const completed: Finished = { state: 'completed' };

/** A queue whose consumer does with each chunk what it is told to. */
function consumer(work: (chunk: Chunk) => Finished | Promise<Finished>) {
  const published: Chunk[] = [];
  const stored: unknown[] = [];
  const reasons: string[] = [];
  const failures: unknown[] = [];
  const parts: SettleParts = {
    async publish(chunk) {
      await Promise.resolve();
      published.push(chunk);
    },
    async finished(chunk) {
      const end = await work(chunk);
      if (end.state === 'completed') stored.push(...chunk.values);
      return end;
    },
    onDead: (reason) => void reasons.push(reason),
    onFailure: (error) => void failures.push(error),
  };
  return { parts, published, stored, reasons, failures };
}

const refusing =
  (bad: ReadonlySet<number>) =>
  ({ values }: Chunk): Finished => {
    const found = values.find((value) => typeof value === 'number' && bad.has(value));
    return found === undefined
      ? completed
      : failed(`${JSON.stringify(found)} is bad`, values.length === 1 ? 3 : 1);
  };

const ids = async () => {
  const { parts, published } = consumer(refusing(new Set([2])));
  await settle(chunkOf([1, 2, 3]), parts);
  return published.map(({ id }) => id).toSorted();
};

const records = fc.uniqueArray(fc.nat(200), { minLength: 1, maxLength: 60 });

describe('a chunk with bad records in it', () => {
  test('loses exactly these, each with its own reason; everything else is stored once', async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.uniqueArray(fc.nat(200)), async (values, poison) => {
        const bad = new Set(poison);
        const { parts, stored, reasons } = consumer(refusing(bad));
        const refused = await settle(chunkOf(values), parts);
        const dead = values.filter((value) => bad.has(value));
        expect(refused).toMatchObject(
          dead.map((value) => ({
            key: `k${value}`,
            value,
            reason: `${value} is bad`,
            stack: 'at x',
            attempts: 3,
          })),
        );
        expect(new Set(stored)).toEqual(new Set(values.filter((value) => !bad.has(value))));
        expect(stored).toHaveLength(values.length - dead.length);
        expect(reasons).toHaveLength(dead.length);
      }),
    );
  });

  test('twin: where a chunk is given up as a whole, good records go with the bad one', async () => {
    const { parts, stored } = consumer(refusing(new Set([3])));
    const whole = { ...parts, finished: async (chunk: Chunk) => (await parts.finished(chunk), completed) };
    expect(await settle(chunkOf([1, 2, 3, 4]), whole)).toEqual([]);
    expect(stored).toEqual([]);
  });

  test('is halved at its first failure; ids tell the way, and a replay takes the same', async () => {
    const way = ['r1-0-0-ff', 'r1-0-0-ff-a', 'r1-0-0-ff-a-a', 'r1-0-0-ff-a-b', 'r1-0-0-ff-b'];
    expect(await ids()).toEqual(way);
    expect(await ids()).toEqual(way);
  });

  test('costs about twice the logarithm of its size for one bad record', async () => {
    const { parts, published } = consumer(refusing(new Set([777])));
    await settle(chunkOf(Array.from({ length: 1000 }, (_, at) => at)), parts);
    expect(published.length).toBeLessThanOrEqual(21);
  });

  test('a chunk that the queue itself will never take is halved too', async () => {
    const { parts } = consumer(() => completed);
    const refusal = new QueueError('too large', { code: 'queue.unstorable', recovery: 'skip' });
    const publish = async (chunk: Chunk): Promise<void> => {
      if (chunk.values.includes(2)) throw refusal;
      await parts.publish(chunk);
    };
    const refused = await settle(chunkOf([1, 2, 3, 4]), { ...parts, publish });
    expect(refused).toMatchObject([{ key: 'k2', reason: 'too large', attempts: 1, chunk: 'r1-0-0-ff-a-b' }]);
  });
});

describe('a job whose consumer died', () => {
  const stalled = failed('job stalled more than allowable limit', 2);

  test('is published anew under an id of its own, as often as it may be the consumers', async () => {
    let deaths = 3;
    const { parts, published } = consumer(() => ((deaths -= 1) >= 0 ? stalled : completed));
    expect(await settle(chunkOf([1, 2]), parts)).toEqual([]);
    expect(published.map(({ id }) => id)).toEqual([
      'r1-0-0-ff',
      'r1-0-0-ff-s2',
      'r1-0-0-ff-s3',
      'r1-0-0-ff-s4',
    ]);
  });

  test('and with every consumer that takes it is bad after all, alone', async () => {
    const { parts, stored } = consumer(({ values }) => (values.includes(2) ? stalled : completed));
    const refused = await settle(chunkOf([1, 2, 3]), parts);
    expect(refused).toMatchObject([{ key: 'k2', chunk: 'r1-0-0-ff-a-b' }]);
    expect(new Set(stored)).toEqual(new Set([1, 3]));
  });
});

describe('a part that fails', () => {
  const down = new RunError('enough', { code: 'run.too_many_dead', recovery: 'stop' });

  test('is told at once, and the others are waited for', async () => {
    const gate = Promise.withResolvers<Finished>();
    const { parts, failures } = consumer((chunk) =>
      chunk.values.includes(1) && chunk.values.length === 1 ? failed('bad') : gate.promise,
    );
    let isOver = false;
    const onDead = (): void => {
      throw down;
    };
    const work = settleAll([chunkOf([1], 'c1'), chunkOf([2], 'c2')], { ...parts, onDead });
    work.catch(() => {}).finally(() => (isOver = true));
    await expect.poll(() => failures).toEqual([down]);
    expect(isOver).toBe(false);
    gate.resolve(completed);
    await expect(work).rejects.toBe(down);
  });
});
