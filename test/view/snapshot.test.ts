import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../src/model/events.ts';
import { createSnapshotStore, emptySnapshot, reduce, type Snapshot } from '../../src/view/snapshot.ts';
import { at, everyEvent } from './every-event.ts';

const entry = { key: 'k1', label: 'list "a"' };
const run = { entry, runId: 'r1' };
const started: EventBody = { type: 'run.started', ...run, mode: 'LOAD', resumed: false, workers: 1 };
const failed = everyEvent.find(({ type }) => type === 'run.failed');

function after(...events: readonly EventBody[]): Snapshot {
  return events.reduce((state, event) => reduce(state, { at, ...event }), emptySnapshot);
}

test('a run is there from its start to its end, with what is confirmed of it', () => {
  const going = after(
    started,
    { type: 'run.window', ...run, window: { since: null, until: 1 }, total: 30 },
    { type: 'page.confirmed', ...run, page: 0, records: 10 },
    { type: 'page.confirmed', ...run, page: 1, records: 5 },
  );
  expect(going.running.get('k1')).toEqual({
    label: 'list "a"',
    mode: 'LOAD',
    startedAt: at,
    confirmed: 15,
    total: 30,
  });
  expect(going.records).toBe(15);
  for (const type of ['run.cancelled', 'run.drained'] as const) {
    const ended = reduce(going, { at, ...run, type, reason: 'x', published: 1 });
    expect(ended.running.size).toBe(0);
    expect(ended.runs).toBe(0);
  }
});

test('a failure stays until the entry succeeds, and remembers since when', () => {
  if (failed?.type !== 'run.failed') throw new Error('no sample');
  const once = reduce(after(started), failed);
  const twice = reduce(once, { ...failed, at: at + 60_000 });
  const [failure] = twice.failures.values();
  expect(failure).toEqual({
    label: 'list "1a2d"',
    reason: '401 API Key Invalid',
    hint: 'check MAILCHIMP_APIKEY',
    since: at,
  });
  const finished = everyEvent.find(({ type }) => type === 'run.finished');
  if (!finished) throw new Error('no sample');
  expect(reduce(twice, finished).failures.size).toBe(0);
});

describe('the snapshot is the same object', () => {
  test('after an event that changes nothing a view shows', () => {
    const state = after(started, {
      type: 'run.window',
      ...run,
      window: { since: null, until: 1 },
      total: 30,
    });
    const same: EventBody[] = [
      { type: 'page.read', ...run, page: 1, worker: 0, offset: 0, records: 10, total: 30, ms: 5 },
      { type: 'page.reread', ...run, page: 1, records: 3 },
      { type: 'notice', level: 'info', topic: 'x', message: 'y' },
      { type: 'run.drained', entry: { key: 'unknown', label: 'x' }, runId: 'r9', published: 0 },
    ];
    for (const event of same) expect(reduce(state, { at, ...event })).toBe(state);
  });

  test('and its store tells nobody then', () => {
    const store = createSnapshotStore();
    const seen: Snapshot[] = [];
    const stop = store.subscribe(() => seen.push(store.get()));
    store.apply({ at, ...started });
    store.apply({ at, type: 'notice', level: 'info', topic: 'x', message: 'y' });
    stop();
    store.apply({ at, type: 'run.drained', ...run, published: 0 });
    expect(seen).toHaveLength(1);
    expect(store.get().running.size).toBe(0);
  });
});

test('no event changes the snapshot it is given', () => {
  let state = freeze({ ...emptySnapshot, running: new Map(), failures: new Map() });
  for (const event of [...everyEvent, ...everyEvent]) {
    const next = reduce(state, event);
    state = freeze({ ...next, running: new Map(next.running), failures: new Map(next.failures) });
  }
});

function freeze(state: Snapshot): Snapshot {
  for (const map of [state.running, state.failures]) Object.assign(map, { set: refuse, delete: refuse });
  return Object.freeze(state);
}

function refuse(): never {
  throw new Error('a snapshot was changed in place');
}
