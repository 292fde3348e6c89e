import { expect, test } from 'vitest';
import { liveHistory } from '../../../../src/view/tui/state/live-history.ts';
import { busyScene, history } from '../scene.ts';

const { store, now } = busyScene();
const { entries } = store.view(now);
const [first] = history;

test('a run that is on shows what it has done so far, of all its sessions', () => {
  if (!first) throw new Error('no run');
  const totals = { ...first.totals, read: 5, published: 9999, seconds: 0 };
  const [record] = liveHistory([{ ...first, id: 'r1', result: 'unfinished', totals }], entries, now);
  expect(record?.result).toBe('running');
  expect(record?.totals).toMatchObject({ read: 7000, published: 9999, seconds: expect.closeTo(10.8, 0) });
});

test('what is over stays as it is', () => {
  expect(liveHistory(history, entries, now)).toEqual(history);
  expect(liveHistory(history, [], now)).toBe(history);
});
