import { describe, expect, test } from 'vitest';
import { createFailures } from '../../src/controller/failures.ts';
import type { KnownStateEntry } from '../../src/controller/known-entries.ts';
import { type LiveState, statusOf } from '../../src/controller/status.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';
import { aRun } from '../support/stored-run.ts';
import { manualClock } from '../state/manual-clock.ts';

const started = Date.UTC(2026, 10, 21, 10);
const cursor = '2026-11-21T11:00:00Z';
const second = 1000;
const hour = 3_600_000;

/** The status of an entry that ran at `started`, some time after. */
function statusAfter(ms: number, fields: object = {}, live?: LiveState) {
  const { runs } = openIn(storeFolder());
  runs.begin(aRun({ started, cursorTo: cursor }));
  runs.done('r1', started + second);
  const raw = { list_id: '1a2d', latest_timestamp: cursor, ...fields };
  const entry: KnownStateEntry = {
    key: 'e1',
    id: '1a2d',
    label: 'list "1a2d"',
    entry: raw,
    raw,
    problem: undefined,
    group: undefined,
  };
  return statusOf(entry, live, {
    runs,
    failures: createFailures(manualClock()),
    asked: new Set(),
    now: started + ms,
    startOf: (run) => run?.started,
    defaults: () => ({ itemsPerRequest: 100, workerCount: 1 }),
  });
}

describe('an entry that is due by its age', () => {
  test('is in step until the controller has looked, which it does once a minute', () => {
    const status = statusAfter(20 * second, { refresh_seconds: 1 });
    expect(status).toMatchObject({ state: 'ok', nextRun: new Date(started + 61 * second).toISOString() });
  });

  test('is due when a check has gone by', () => {
    expect(statusAfter(3 * hour, { refresh_seconds: 2 * 3600 })).toMatchObject({ state: 'due' });
  });

  test('is late at twice its age', () => {
    expect(statusAfter(5 * hour, { refresh_seconds: 2 * 3600 })).toMatchObject({ state: 'late' });
    expect(statusAfter(200 * second, { refresh_seconds: 1 })).toMatchObject({ state: 'late' });
  });
});

test('an entry with a schedule is late by its schedule, not by how long ago it ran', () => {
  const weekly = { schedule: '0 12 * * 6' };
  const days = 7 * 24 * hour;
  expect(statusAfter(days + 3 * hour, { ...weekly })).toMatchObject({ state: 'late' });
  // 10:00 to 12:05 of the same Saturday.
  expect(statusAfter(2 * hour + 300 * second, { ...weekly })).toMatchObject({ state: 'due' });
});

test('an entry whose run has no place yet says so', () => {
  expect(statusAfter(3 * hour, {}, 'waiting')).toMatchObject({
    state: 'due',
    nextRun: null,
    cause: expect.stringContaining('waits for its turn'),
  });
});
