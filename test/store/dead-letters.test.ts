import { expect, test } from 'vitest';
import type { DeadLetter } from '../../src/model/record.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';

function letter(different: Partial<DeadLetter> = {}): DeadLetter {
  return {
    service: 'lists',
    key: undefined,
    reason: 'the record has no key',
    payload: { email: 'a' },
    ...different,
  };
}

test('a dead letter is kept once, however often a run comes by', () => {
  const folder = storeFolder();
  const store = openIn(folder);
  store.deadLetters.add('r1', [letter(), letter()], 1);
  store.deadLetters.add('r1', [letter()], 2);
  expect(store.deadLetters.count()).toBe(1);
  store.close();
  const after = openIn(folder);
  after.deadLetters.add('r1', [letter()], 3);
  expect(after.deadLetters.count()).toBe(1);
});

test('dead letters of different records, keys or runs are all kept', () => {
  const { deadLetters } = openIn(storeFolder());
  deadLetters.add('r1', [letter(), letter({ payload: { email: 'b' } }), letter({ key: 'k' })], 1);
  deadLetters.add('r2', [letter()], 1);
  expect(deadLetters.count()).toBe(4);
});

test('dead letters are kept all or none', () => {
  const { deadLetters } = openIn(storeFolder());
  const broken = letter({ payload: { count: 1n } });
  expect(() => deadLetters.add('r1', [letter(), broken], 1)).toThrow('BigInt');
  expect(deadLetters.count()).toBe(0);
  deadLetters.add('r1', [letter()], 1);
  expect(deadLetters.count()).toBe(1);
});

test('thousands of dead letters without a key are kept without looking at each other', () => {
  const { deadLetters } = openIn(storeFolder());
  const letters = Array.from({ length: 20_000 }, (_, i) => letter({ payload: { i } }));
  const began = performance.now();
  deadLetters.add('r1', letters, 1);
  // Each compared with all before it takes minutes.
  expect(performance.now() - began).toBeLessThan(3000);
  expect(deadLetters.count()).toBe(20_000);
});
