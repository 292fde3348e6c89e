import { expect, test } from 'vitest';
import { openIn, storeFolder } from '../support/store-folder.ts';

const list = (identity: string, id = 'x') => ({
  identity,
  raw: { list_id: id, note: ['mine', { deep: null }] },
});

test('the entries of the last known file come back in its order, with every field', () => {
  const folder = storeFolder();
  const store = openIn(folder);
  const entries = [list('e2', 'b'), list('e1', 'a'), list('e3', 'a')];
  store.entries.replace(entries);
  store.close();
  expect(openIn(folder).entries.all()).toEqual(entries);
});

test('a new version of the file replaces the one before it', () => {
  const { entries } = openIn(storeFolder());
  entries.replace([list('e1'), list('e2')]);
  entries.replace([list('e2')]);
  expect(entries.all()).toEqual([list('e2')]);
  entries.replace([]);
  expect(entries.all()).toEqual([]);
});

test('a version that cannot be kept leaves the one before it', () => {
  const { entries } = openIn(storeFolder());
  entries.replace([list('e1')]);
  expect(() => entries.replace([list('e2'), list('e2')])).toThrow('UNIQUE');
  expect(entries.all()).toEqual([list('e1')]);
  entries.replace([list('e3')]);
  expect(entries.all()).toEqual([list('e3')]);
});
