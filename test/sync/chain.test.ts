import { describe, expect, test } from 'vitest';
import type { ChainedPage } from '../../src/model/record.ts';
import { checkLink, createEmptyPages } from '../../src/sync/chain.ts';

function page(next: number, hasMore: boolean, records = 1): ChainedPage {
  const all = Array.from({ length: records }, (_, at) => ({ key: `k${at}`, version: next, value: {} }));
  return { records: all, next, hasMore, bytes: 1, now: 0 };
}

describe('a page behind the ordinal 100', () => {
  test.each([
    ['moves on', page(101, true)],
    ['moves on and is the last', page(101, false)],
    ['moves on though it is empty', page(101, true, 0)],
    ['is empty and the last', page(100, false, 0)],
    ['is empty and the last, of a source that starts anew', page(0, false, 0)],
  ])('may follow when it %s', (_what, next) => {
    expect(() => checkLink(100, next)).not.toThrow();
  });

  test.each([
    ['repeats it', page(100, true), 'the source repeats the ordinal 100'],
    ['repeats it at its end', page(100, false), 'the source repeats the ordinal 100'],
    ['is empty, repeats it and has more', page(100, true, 0), 'the source repeats the ordinal 100'],
    ['goes back', page(99, true), 'the source goes back from the ordinal 100 to 99'],
    ['goes back at its end', page(99, false), 'the source goes back from the ordinal 100 to 99'],
  ])('stops the run when it %s', (_what, next, message) => {
    expect(() => checkLink(100, next)).toThrow(
      expect.objectContaining({ code: 'run.chain_broken', recovery: 'stop', message }),
    );
  });
});

test('nine empty pages in a row are followed, whatever came before; the tenth stops the run', () => {
  const pages = createEmptyPages();
  const empty = page(1, true, 0);
  for (let round = 0; round < 3; round += 1) {
    for (let count = 0; count < 9; count += 1) pages.count(empty);
    pages.count(page(1, true));
  }
  for (let count = 0; count < 9; count += 1) pages.count(empty);
  expect(() => pages.count(empty)).toThrow('says 10 times in a row that there is more, and gives nothing');
});

test('an empty page at the end is none of them', () => {
  const pages = createEmptyPages();
  for (let count = 0; count < 9; count += 1) pages.count(page(1, true, 0));
  expect(() => pages.count(page(1, false, 0))).not.toThrow();
});
