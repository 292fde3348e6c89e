import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSlots, type Slots } from '../../src/sync/slots.ts';

const never = new AbortController().signal;

/** Takes slots in order and writes down who got one. */
function queueUp(slots: Slots): { got: string[]; join: (name: string, urgent?: boolean) => Promise<number> } {
  const got: string[] = [];
  return {
    got,
    async join(name, urgent) {
      const slot = await slots.acquire(never, urgent);
      got.push(name);
      return slot;
    },
  };
}

type Step = { readonly kind: 'acquire' | 'release' | 'resize' | 'abort'; readonly value: number };

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('acquire', 'acquire', 'release', 'release', 'resize', 'abort'),
    value: fc.integer({ min: 1, max: 6 }),
  }),
  { maxLength: 80 },
);

/** Whatever happens: never two with one slot, never more than the size unless it shrank, and nobody waits beside a free slot. */
async function checkLimit(create: (size: number) => Slots): Promise<void> {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      let size = 2;
      const slots = create(size);
      const held: number[] = [];
      const waiting = new Set<AbortController>();
      for (const { kind, value } of script) {
        const before = held.length;
        if (kind === 'resize') slots.resize((size = value));
        if (kind === 'release' && held.length > 0) slots.release(held.splice(value % held.length, 1)[0] ?? 0);
        if (kind === 'abort') [...waiting][0]?.abort();
        if (kind === 'acquire') {
          const gone = new AbortController();
          waiting.add(gone);
          void slots
            .acquire(gone.signal, value === 1)
            .then((slot) => held.push(slot))
            .catch(() => {})
            .finally(() => waiting.delete(gone));
        }
        await turn();
        expect(new Set(held).size).toBe(held.length);
        expect(held.length).toBeLessThanOrEqual(Math.max(size, before));
        if (waiting.size > 0) expect(held.length).toBeGreaterThanOrEqual(size);
      }
    }),
    { numRuns: 60 },
  );
}

describe('the readers of a run', () => {
  test('are never more than the size, and nobody waits beside a free one', async () => {
    await checkLimit(createSlots);
  });

  test('are checked so that one too many is found (twin)', async () => {
    await expect(checkLimit((size) => createSlots(size + 1))).rejects.toThrow();
  });

  test('come first to those who came first, and before them to the urgent', async () => {
    const slots = createSlots(1);
    const { got, join } = queueUp(slots);
    const all = [join('a'), join('b'), join('c'), join('urgent 1', true), join('urgent 2', true)];
    for (const one of all) {
      void one.then((slot) => slots.release(slot));
    }
    await Promise.all(all);
    expect(got).toEqual(['a', 'urgent 1', 'urgent 2', 'b', 'c']);
  });

  test('have the lowest free number', async () => {
    const slots = createSlots(3);
    const { join } = queueUp(slots);
    expect(await Promise.all([join('a'), join('b'), join('c')])).toEqual([1, 2, 3]);
    slots.release(2);
    slots.release(1);
    expect([await join('d'), await join('e')]).toEqual([1, 2]);
  });

  test('can become more while some wait, and fewer while some read', async () => {
    const slots = createSlots(1);
    const { got, join } = queueUp(slots);
    const [a] = [join('a'), join('b'), join('c')];
    await turn();
    slots.resize(3);
    await turn();
    expect(got).toEqual(['a', 'b', 'c']);
    slots.resize(1);
    void join('d');
    slots.release(await a);
    slots.release(2);
    await turn();
    expect(got).toEqual(['a', 'b', 'c']);
    slots.release(3);
    await turn();
    expect(got).toEqual(['a', 'b', 'c', 'd']);
  });

  test('are not waited for any more by those who gave up', async () => {
    const slots = createSlots(1);
    const slot = await slots.acquire(never);
    const gone = new AbortController();
    const waiting = slots.acquire(gone.signal);
    const next = slots.acquire(never);
    gone.abort(new Error('gave up'));
    await expect(waiting).rejects.toThrow('gave up');
    await expect(slots.acquire(gone.signal)).rejects.toThrow('gave up');
    slots.release(slot);
    expect(await next).toBe(1);
  });
});
