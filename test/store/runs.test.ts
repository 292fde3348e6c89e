import { describe, expect, test } from 'vitest';
import type { RunTotals } from '../../src/model/events.ts';
import type { Store } from '../../src/store/store.ts';
import { aRun } from '../support/stored-run.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';

const some: RunTotals = {
  read: 30,
  published: 20,
  ignored: 8,
  requests: 4,
  retried: 1,
  slowestMs: 210.5,
  reread: 3,
  deadLetters: 2,
  bytes: 1000,
  seconds: 1.5,
  waitedMs: { source: 900, queue: 20, workers: 0, quota: 1 },
};

/** The same as after a kill or a restart: what is not in the file is gone. */
function reopened(folder: string, store: Store): Store {
  store.close();
  return openIn(folder);
}

function* breaking(): Generator<string> {
  yield 'b';
  throw new Error('the source of keys broke');
}

function withRun(): { folder: string; store: Store } {
  const folder = storeFolder();
  const store = openIn(folder);
  store.runs.begin(aRun());
  return { folder, store };
}

describe('a run in the store', () => {
  test('is there with everything it was begun with, after a restart too', () => {
    const { folder, store } = withRun();
    const whole = {
      ...aRun(),
      state: 'running',
      finished: undefined,
      error: undefined,
      checkpoint: { version: undefined, nextPage: 0 },
    };
    expect(store.runs.unfinished('e1')).toEqual(whole);
    expect(reopened(folder, store).runs.unfinished('e1')).toEqual(whole);
  });

  test('of a full load has no beginning', () => {
    const store = openIn(storeFolder());
    store.runs.begin(aRun({ mode: 'LOAD', span: { kind: 'ranged', window: { since: null, until: 7 } } }));
    expect(store.runs.unfinished('e1')).toMatchObject({
      mode: 'LOAD',
      span: { kind: 'ranged', window: { since: null, until: 7 } },
    });
  });

  test('is begun once: its id is in the database before the first publish (S12)', () => {
    const { store } = withRun();
    expect(() => store.runs.begin(aRun())).toThrow('UNIQUE');
  });

  test('belongs to its entry', () => {
    const { store } = withRun();
    store.runs.begin(aRun({ id: 'r2', entry: 'e2' }));
    expect(store.runs.unfinished('e2')?.id).toBe('r2');
    expect(store.runs.unfinished('e3')).toBeUndefined();
    expect(store.runs.allUnfinished().map(({ id }) => id)).toEqual(['r1', 'r2']);
  });

  test('keeps why it stopped this time, and stays unfinished', () => {
    const { folder, store } = withRun();
    store.runs.failed('r1', 'the queue is down', some);
    expect(reopened(folder, store).runs.unfinished('e1')).toMatchObject({
      state: 'running',
      error: 'the queue is down',
      totals: some,
    });
  });
});

describe('the checkpoint of a run (S8)', () => {
  test('moves with its totals, durably', () => {
    const { folder, store } = withRun();
    store.runs.checkpoint('r1', { version: 100, nextPage: 3 }, ['a', 'b'], some);
    const { runs } = reopened(folder, store);
    expect(runs.unfinished('e1')).toMatchObject({ checkpoint: { version: 100, nextPage: 3 }, totals: some });
    expect(runs.confirmedKeys('r1').toSorted()).toEqual(['a', 'b']);
  });

  test('gathers the keys of one version, each once', () => {
    const { store } = withRun();
    store.runs.checkpoint('r1', { version: 100, nextPage: 1 }, ['a', 'b'], some);
    store.runs.checkpoint('r1', { version: 100, nextPage: 2 }, ['b', 'c'], some);
    store.runs.checkpoint('r1', { version: 100, nextPage: 3 }, [], some);
    expect(store.runs.confirmedKeys('r1').toSorted()).toEqual(['a', 'b', 'c']);
  });

  test('forgets the keys of an earlier version', () => {
    const { store } = withRun();
    store.runs.checkpoint('r1', { version: 100, nextPage: 1 }, ['a', 'b'], some);
    store.runs.checkpoint('r1', { version: 101, nextPage: 2 }, ['c'], some);
    expect(store.runs.confirmedKeys('r1')).toEqual(['c']);
  });

  test('may come before any record, and version 0 is one', () => {
    const { store } = withRun();
    store.runs.checkpoint('r1', { version: undefined, nextPage: 2 }, [], some);
    expect(store.runs.unfinished('e1')?.checkpoint).toEqual({ version: undefined, nextPage: 2 });
    store.runs.checkpoint('r1', { version: 0, nextPage: 3 }, ['a'], some);
    store.runs.checkpoint('r1', { version: 0, nextPage: 4 }, ['b'], some);
    expect(store.runs.unfinished('e1')?.checkpoint).toEqual({ version: 0, nextPage: 4 });
    expect(store.runs.confirmedKeys('r1').toSorted()).toEqual(['a', 'b']);
  });

  test('goes back to the beginning when the window must be read again, but page numbers go on', () => {
    const { folder, store } = withRun();
    store.runs.checkpoint('r1', { version: 100, nextPage: 7 }, ['a'], some);
    store.runs.restart('r1');
    const { runs } = reopened(folder, store);
    expect(runs.unfinished('e1')?.checkpoint).toEqual({ version: undefined, nextPage: 7 });
    expect(runs.confirmedKeys('r1')).toEqual([]);
  });

  test('of one run leaves the keys of another alone', () => {
    const { store } = withRun();
    store.runs.begin(aRun({ id: 'r2', entry: 'e2' }));
    store.runs.checkpoint('r1', { version: 100, nextPage: 1 }, ['a'], some);
    store.runs.checkpoint('r2', { version: 100, nextPage: 1 }, ['a'], some);
    store.runs.checkpoint('r1', { version: 101, nextPage: 2 }, ['b'], some);
    store.runs.done('r1', 5);
    expect(store.runs.confirmedKeys('r2')).toEqual(['a']);
  });

  test('is moved whole or not at all', () => {
    const { store } = withRun();
    store.runs.checkpoint('r1', { version: 100, nextPage: 1 }, ['a'], some);
    const move = (): void => store.runs.checkpoint('r1', { version: 101, nextPage: 2 }, breaking(), some);
    expect(move).toThrow('the source of keys broke');
    expect(store.runs.unfinished('e1')?.checkpoint).toEqual({ version: 100, nextPage: 1 });
    expect(store.runs.confirmedKeys('r1')).toEqual(['a']);
    // And the next one can be written: no transaction was left open.
    store.runs.checkpoint('r1', { version: 101, nextPage: 2 }, ['b'], some);
    expect(store.runs.confirmedKeys('r1')).toEqual(['b']);
  });
});

describe('the tail of a run', () => {
  const tail = new Map([
    ['a', '100 f1'],
    ['b', '101 f2'],
  ]);

  test('is kept for the next run, also over a restart, and forgotten when that one is done', () => {
    const { folder, store: first } = withRun();
    first.runs.complete('r1', { totals: some, cursorTo: aRun().cursorTo, tail: tail });
    first.runs.done('r1', 1);
    const store = reopened(folder, first);
    expect(store.runs.tail('r1')).toEqual(tail);
    store.runs.begin(aRun({ id: 'r2' }));
    store.runs.complete('r2', { totals: some, cursorTo: aRun().cursorTo, tail: new Map([['c', '200 f3']]) });
    expect(store.runs.tail('r1')).toEqual(tail);
    store.runs.done('r2', 2);
    expect(store.runs.tail('r1')).toEqual(new Map());
    expect(store.runs.tail('r2')).toEqual(new Map([['c', '200 f3']]));
  });

  test('of a session that was interrupted stays with its checkpoint, until the window is read again', () => {
    const { folder, store: first } = withRun();
    first.runs.checkpoint('r1', { version: 100, nextPage: 1, tail }, [], some);
    const store = reopened(folder, first);
    store.runs.checkpoint('r1', { version: 101, nextPage: 2 }, [], some);
    const more = new Map([['c', '102 f3']]);
    store.runs.complete('r1', { totals: some, cursorTo: aRun().cursorTo, tail: more });
    expect(store.runs.tail('r1')).toEqual(new Map([...tail, ...more]));
    store.runs.restart('r1');
    expect(store.runs.tail('r1')).toEqual(new Map());
  });

  test('of a run that is dropped goes, and the one before it stays', () => {
    const { store } = withRun();
    store.runs.complete('r1', { totals: some, cursorTo: aRun().cursorTo, tail: tail });
    store.runs.done('r1', 1);
    store.runs.begin(aRun({ id: 'r2' }));
    store.runs.complete('r2', { totals: some, cursorTo: aRun().cursorTo, tail: new Map([['c', '200 f3']]) });
    store.runs.drop('r2', 2, 'the entry was removed');
    expect(store.runs.tail('r1')).toEqual(tail);
    expect(store.runs.tail('r2')).toEqual(new Map());
  });
});

describe('the end of a run (S9)', () => {
  test('is begun, survives a restart, and is done once the file is written', () => {
    const { folder, store } = withRun();
    store.runs.checkpoint('r1', { version: 100, nextPage: 1 }, ['a'], some);
    store.runs.complete('r1', {
      totals: { ...some, published: 30 },
      cursorTo: aRun().cursorTo,
      tail: new Map(),
    });
    const after = reopened(folder, store);
    expect(after.runs.unfinished('e1')).toBeUndefined();
    expect(after.runs.completing()).toMatchObject([
      { id: 'r1', state: 'completing', totals: { published: 30 } },
    ]);
    after.runs.done('r1', 1234);
    expect(after.runs.completing()).toEqual([]);
    expect(after.runs.confirmedKeys('r1')).toEqual([]);
    expect(reopened(folder, after).runs.lastDone('e1')).toMatchObject({
      id: 'r1',
      state: 'done',
      finished: 1234,
    });
  });

  test('clears what an earlier attempt failed with', () => {
    const { store } = withRun();
    store.runs.failed('r1', 'the queue is down', some);
    store.runs.complete('r1', { totals: some, cursorTo: aRun().cursorTo, tail: new Map() });
    store.runs.done('r1', 1234);
    expect(store.runs.lastDone('e1')?.error).toBeUndefined();
  });

  test.for([
    ['drop', 'dropped'],
    ['giveUp', 'failed'],
  ] as const)(
    'without a result (%s) is kept with its reason, and is no run that was done',
    ([end, state]) => {
      const { store } = withRun();
      store.runs.checkpoint('r1', { version: 100, nextPage: 1 }, ['a'], some);
      store.runs[end]('r1', 1234, 'edited: latest_timestamp');
      expect(store.runs.recent(1)).toMatchObject([{ state, error: 'edited: latest_timestamp' }]);
      expect(store.runs.unfinished('e1')).toBeUndefined();
      expect(store.runs.lastDone('e1')).toBeUndefined();
      expect(store.runs.confirmedKeys('r1')).toEqual([]);
    },
  );

  test('of several runs: the one that was begun last counts, whatever the clock said', () => {
    const { store } = withRun();
    for (const [id, started] of [
      ['r3', 3],
      ['r4', 9],
      ['r5', 5],
    ] as const) {
      store.runs.begin(aRun({ id, started }));
      store.runs.complete(id, { totals: some, cursorTo: aRun().cursorTo, tail: new Map() });
      store.runs.done(id, started + 1);
    }
    expect(store.runs.lastDone('e1')?.id).toBe('r5');
    expect(store.runs.recent(3).map(({ id }) => id)).toEqual(['r5', 'r4', 'r3']);
    store.runs.prune(1000);
    expect(store.runs.recent(3).map(({ id }) => id)).toEqual(['r5', 'r1']);
  });
});
