import { expect, test } from 'vitest';
import { openIn, storeFolder } from '../support/store-folder.ts';

test('receipts outlive the process, each once, of each entry its own', () => {
  const folder = storeFolder();
  const before = openIn(folder);
  before.receipts.add('e1', 'r1-0-0-ff', 0);
  before.receipts.add('e1', 'r1-0-0-ff', 0);
  before.receipts.add('e1', 'r1-0-0-ff-a', 0);
  before.receipts.add('e2', 'r1-0-0-ff', 0);
  before.close();
  const { receipts } = openIn(folder);
  expect(receipts.of('e1').toSorted()).toEqual(['r1-0-0-ff', 'r1-0-0-ff-a']);
  expect(receipts.of('e2')).toEqual(['r1-0-0-ff']);
  expect(receipts.of('e3')).toEqual([]);
});

test('what is removed is gone, of this entry only; what is not there is no fault', () => {
  const { receipts } = openIn(storeFolder());
  receipts.add('e1', 'a', 0);
  receipts.add('e1', 'b', 0);
  receipts.add('e2', 'a', 0);
  receipts.remove('e1', ['a', 'never']);
  receipts.remove('e1', []);
  expect(receipts.of('e1')).toEqual(['b']);
  expect(receipts.of('e2')).toEqual(['a']);
});
