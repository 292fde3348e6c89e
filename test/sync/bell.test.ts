import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createBell } from '../../src/sync/bell.ts';

test('a ring wakes everybody who waits, and nobody who comes later', async () => {
  const bell = createBell(new AbortController().signal);
  const woken: string[] = [];
  bell.ring();
  const both = [bell.next().then(() => woken.push('a')), bell.next().then(() => woken.push('b'))];
  await turn();
  expect(woken).toEqual([]);
  bell.ring();
  await Promise.all(both);
  expect(woken).toEqual(['a', 'b']);
  void bell.next().then(() => woken.push('late'));
  await turn();
  expect(woken).toEqual(['a', 'b']);
});

test('who waits is told when the signal aborts, and so is who comes later', async () => {
  const end = new AbortController();
  const bell = createBell(end.signal);
  const waiting = bell.next();
  end.abort(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
  await expect(bell.next()).rejects.toThrow('over');
});

test('an abort that nobody waits for is nobody’s unhandled rejection', async () => {
  const end = new AbortController();
  const bell = createBell(end.signal);
  bell.ring();
  end.abort(new Error('over'));
  bell.ring();
  await turn();
});
