import { expect, test } from 'vitest';
import { createPageCounts } from '../../src/sync/page-counts.ts';

const page = (published: number) => ({ published, ignored: 1, deadLetters: 2 });

test('only the pages of the unbroken prefix count, each once', () => {
  const counts = createPageCounts();
  counts.add(7, page(10));
  counts.add(9, page(1000));
  expect(counts.before(7)).toEqual({ published: 0, ignored: 0, deadLetters: 0 });
  expect(counts.before(8)).toEqual({ published: 10, ignored: 1, deadLetters: 2 });
  counts.add(8, page(100));
  expect(counts.before(10)).toEqual({ published: 1110, ignored: 3, deadLetters: 6 });
  expect(counts.before(10)).toEqual({ published: 1110, ignored: 3, deadLetters: 6 });
});
