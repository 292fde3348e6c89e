import { describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/store/store.ts';
import { aRun } from '../support/stored-run.ts';
import { storeFolder } from '../support/store-folder.ts';

/** Everything that commits, by the name of its fail points (S24). */
const commits: readonly (readonly [string, (store: Store) => void])[] = [
  ['store.entries', ({ entries }) => entries.replace([{ identity: 'e1', raw: {} }])],
  ['store.run.begin', ({ runs }) => runs.begin(aRun())],
  [
    'store.run.checkpoint',
    ({ runs }) => runs.checkpoint('r1', { version: 1, nextPage: 1 }, ['a'], aRun().totals),
  ],
  ['store.run.restart', ({ runs }) => runs.restart('r1')],
  ['store.run.intend', ({ runs }) => runs.intend('r1', 7)],
  ['store.run.advanced', ({ runs }) => runs.advanced('r1', {})],
  ['store.run.failed', ({ runs }) => runs.failed('r1', 'why', aRun().totals)],
  [
    'store.run.complete',
    ({ runs }) => runs.complete('r1', { totals: aRun().totals, cursorTo: null, tail: new Map() }),
  ],
  ['store.run.done', ({ runs }) => runs.done('r1', 1)],
  ['store.run.drop', ({ runs }) => runs.drop('r1', 1, 'why')],
  ['store.run.prune', ({ runs }) => runs.prune(0)],
  [
    'store.letters',
    ({ deadLetters }) =>
      deadLetters.add('r1', [{ service: 'lists', key: 'k', reason: 'bad', payload: {} }], 1, {
        queue: 'lists',
        job: 'lists',
        grade: 'queued',
      }),
  ],
  ['store.receipt.add', ({ receipts }) => receipts.add('e1', 'c1', 1)],
  ['store.receipt.remove', ({ receipts }) => receipts.remove('e1', ['c1'])],
];

describe('every commit of the store', () => {
  test('has a fail point before and after it, in order', () => {
    const points: string[] = [];
    const folder = storeFolder();
    const probe = (point: string): void => void points.push(point);
    const store = openStore({ folder, command: 'go', pid: 1, now: 0, probe });
    points.length = 0;
    for (const [, commit] of commits) commit(store);
    store.close();
    expect(points).toEqual(commits.flatMap(([name]) => [`${name}.before`, `${name}.after`]));
  });

  test.each(commits)('%s: nothing is written by its first fail point', (name, commit) => {
    const folder = storeFolder();
    let deadly = '';
    const probe = (point: string): void => {
      if (point === deadly) throw new Error(`stopped at ${point}`);
    };
    const store = openStore({ folder, command: 'go', pid: 1, now: 0, probe });
    deadly = `${name}.before`;
    expect(() => commit(store)).toThrow(`stopped at ${deadly}`);
    expect(store.entries.all()).toEqual([]);
    expect(store.runs.recent(10)).toEqual([]);
    expect(store.deadLetters.count()).toBe(0);
    expect(store.receipts.of('e1')).toEqual([]);
    store.close();
  });
});
