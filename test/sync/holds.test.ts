import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHolds, type Hold, type Holds } from '../../src/sync/holds.ts';

/** What `ready` says so far: undefined while it waits. */
async function stateOf({ ready }: Hold): Promise<boolean | undefined> {
  return await Promise.race([ready, turn(undefined)]);
}

describe('a page', () => {
  test('waits for no page with other keys', async () => {
    const holds = createHolds();
    holds.take(['a', 'b']);
    expect(await stateOf(holds.take(['c']))).toBe(true);
    expect(await stateOf(holds.take([]))).toBe(true);
  });

  test('waits for every earlier page that holds one of its keys', async () => {
    const holds = createHolds();
    const first = holds.take(['a']);
    const second = holds.take(['b']);
    const third = holds.take(['a', 'b']);
    first.release(true);
    expect(await stateOf(third)).toBeUndefined();
    second.release(true);
    expect(await stateOf(third)).toBe(true);
  });

  test('does not wait for itself where it names a key twice', async () => {
    expect(await stateOf(createHolds().take(['a', 'a']))).toBe(true);
  });

  test('behind one that was given up is given up too, and so are all behind it', async () => {
    const holds = createHolds();
    const first = holds.take(['a']);
    const second = holds.take(['a', 'b']);
    const third = holds.take(['b']);
    first.release(false);
    expect(await stateOf(second)).toBe(false);
    second.release(false);
    expect(await stateOf(third)).toBe(false);
    expect(await stateOf(holds.take(['a']))).toBe(false);
  });

  test('is released once: what is said later does not count', async () => {
    const holds = createHolds();
    const first = holds.take(['a']);
    first.release(false);
    first.release(true);
    expect(await stateOf(holds.take(['a']))).toBe(false);
  });
});

/** Lets pages end in any order as soon as they are ready. @returns for each key the order in which its pages were ready */
async function orders(pages: readonly (readonly string[])[], picks: readonly number[], holds: Holds) {
  const seen = new Map<string, number[]>();
  const ready: { readonly page: number; readonly hold: Hold }[] = [];
  const takes = pages.map(async (keys, page) => {
    const hold = holds.take(keys);
    await hold.ready;
    for (const key of new Set(keys)) seen.set(key, [...(seen.get(key) ?? []), page]);
    ready.push({ page, hold });
  });
  for (let at = 0; at < pages.length; at += 1) {
    await turn();
    const [next] = ready.splice((picks[at] ?? 0) % Math.max(1, ready.length), 1);
    next?.hold.release(true);
  }
  await Promise.all(takes);
  return seen;
}

const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 3 });
const history = fc.tuple(fc.array(keys, { maxLength: 12 }), fc.array(fc.nat(20), { maxLength: 12 }));
const isSorted = (pages: readonly number[]): boolean =>
  pages.every((page, at) => at === 0 || page > (pages[at - 1] ?? 0));

test('the pages of each key go on in their order, whatever the order in which they end; none waits for ever', async () => {
  await fc.assert(
    fc.asyncProperty(history, async ([pages, picks]) => {
      const seen = await orders(pages, picks, createHolds());
      expect([...seen.values()].every(isSorted)).toBe(true);
      expect([...seen.values()].flat()).toHaveLength(pages.flatMap((page) => [...new Set(page)]).length);
    }),
  );
});

test('what is confirmed is forgotten: a page of the same keys waits for nothing, however many there were', async () => {
  const holds = createHolds();
  for (let page = 0; page < 1000; page += 1) {
    const hold = holds.take([`k${page % 10}`, `l${page}`]);
    expect(await hold.ready).toBe(true);
    hold.release(true);
  }
});
