import { expect, test } from 'vitest';
import { createOnce } from '../../src/queue/once.ts';

test('work that is done once is done again after a failure, and never twice at a time', async () => {
  let runs = 0;
  const once = createOnce(async () => {
    runs += 1;
    if (runs === 1) throw new Error('down');
    return await Promise.resolve(runs);
  });
  expect(once.begun()).toBeUndefined();
  const first = await Promise.allSettled([once.get(), once.get()]);
  expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(runs).toBe(1);
  expect(await Promise.all([once.get(), once.get()])).toEqual([2, 2]);
  expect(await once.begun()).toBe(2);
  once.forget();
  expect(await once.get()).toBe(3);
});
