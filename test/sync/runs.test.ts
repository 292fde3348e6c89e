import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { isAbort } from '../../src/model/errors.ts';
import { createRunQueue } from '../../src/sync/runs.ts';

const never = new AbortController().signal;

/** Runs that end when the test says so. */
function manualRuns(queue: ReturnType<typeof createRunQueue>) {
  const began: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    began,
    add: (name: string, signal = never) =>
      queue.add(async () => {
        began.push(name);
        await new Promise<void>((resolve) => ends.set(name, resolve));
      }, signal),
    end: async (name: string) => {
      ends.get(name)?.();
      await turn();
    },
  };
}

describe('the runs of entries', () => {
  test('are so many at a time, in the order they became due', async () => {
    const { began, add, end } = manualRuns(createRunQueue(2));
    const all = ['a', 'b', 'c', 'd'].map((name) => add(name));
    await turn();
    expect(began).toEqual(['a', 'b']);
    await end('b');
    expect(began).toEqual(['a', 'b', 'c']);
    await end('a');
    await end('c');
    await end('d');
    await Promise.all(all);
    expect(began).toEqual(['a', 'b', 'c', 'd']);
  });

  test('may become more or fewer while they are on; those that are on go on', async () => {
    const queue = createRunQueue(1);
    const { began, add, end } = manualRuns(queue);
    const all = ['a', 'b', 'c', 'd'].map((name) => add(name));
    await turn();
    queue.resize(3);
    await turn();
    expect(began).toEqual(['a', 'b', 'c']);
    queue.resize(1);
    await end('a');
    await end('b');
    expect(began).toHaveLength(3);
    await end('c');
    expect(began).toHaveLength(4);
    await end('d');
    await Promise.all(all);
  });

  test('that have not begun are dropped with an AbortError, and nobody waits for them for ever', async () => {
    const queue = createRunQueue(1);
    const { began, add, end } = manualRuns(queue);
    const [first, ...dropped] = ['a', 'b', 'c'].map((name) => add(name));
    const told = dropped.map((run) => run.catch(isAbort));
    await turn();
    queue.clear();
    expect(await Promise.all(told)).toEqual([true, true]);
    await end('a');
    await first;
    expect(began).toEqual(['a']);
  });

  test('leave the line at once when their signal aborts, but not their place once they run', async () => {
    const { add, began, end } = manualRuns(createRunQueue(1));
    const running = new AbortController();
    const waiting = new AbortController();
    const first = add('a', running.signal);
    const second = add('b', waiting.signal);
    const third = add('c');
    waiting.abort();
    await expect(second).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    running.abort();
    await turn();
    expect(began).toEqual(['a']);
    await end('a');
    await first;
    await end('c');
    await third;
    expect(began).toEqual(['a', 'c']);
  });

  test('tell their own errors, and the next one begins', async () => {
    const queue = createRunQueue(1);
    const failing = queue.add(async () => await Promise.reject(new Error('it broke')), never);
    const next = queue.add(async () => await Promise.resolve(), never);
    await expect(failing).rejects.toThrow('it broke');
    await next;
  });
});
