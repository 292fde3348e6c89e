import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/model/entry.ts';
import { formatTimestamp } from '../../src/model/time.ts';
import { decide, type Decision, type EntryHistory, retryTime } from '../../src/schedule/due.ts';

const now = Date.parse('2026-11-21T10:30:00Z');
const minutes = 60_000;
const hours = 60 * minutes;

/** An entry whose cursor says that it was synced up to 10 seconds ago. */
const synced: Entry = { list_id: '1a2d', latest_timestamp: formatTimestamp(now / 1000 - 10) };
const quiet: EntryHistory = {
  unfinished: false,
  lastStart: undefined,
  failures: 0,
  lastFailure: undefined,
  asked: false,
};

function judged(entry: Partial<Entry>, history: Partial<EntryHistory>, at = now, once = false): string {
  return told(decide({ ...synced, ...entry }, { ...quiet, ...history }, at, once));
}

function told(decision: Decision): string {
  if (decision.kind === 'due') return `due: ${decision.reason}`;
  const next = decision.next === undefined ? 'never' : new Date(decision.next).toISOString().slice(11, 19);
  return `${decision.reason} until ${next}`;
}

describe('an entry that was never synced', () => {
  test.each([undefined, null])('is due (latest_timestamp %s)', (cursor) => {
    expect(judged({ latest_timestamp: cursor }, {})).toBe('due: never synced');
  });

  test('is not one without a cursor whose last run is known: its service keeps none', () => {
    expect(judged({ latest_timestamp: null }, { lastStart: now - hours })).toBe('fresh until 11:30:00');
  });

  test('is due before the first time of its schedule', () => {
    expect(judged({ latest_timestamp: null, schedule: '0 3 * * *' }, {})).toBe('due: never synced');
  });

  test('is not one whose ordinal is 0 and whose last run is known', () => {
    const entry = { latest_timestamp: undefined, latest_ordinal: 0 };
    expect(judged(entry, { lastStart: now - hours })).toBe('fresh until 11:30:00');
  });
});

const cursor = (age: number): Partial<Entry> => ({
  latest_timestamp: formatTimestamp((now - age) / 1000),
});

describe('the age of an entry', () => {
  test('counts from the start of the last complete run, 7200 seconds by default', () => {
    expect(judged({}, { lastStart: now - 2 * hours })).toBe('due: late');
    expect(judged({}, { lastStart: now - 2 * hours + 1 })).toBe('fresh until 10:30:00');
  });

  test('counts from the cursor when no run is known', () => {
    expect(judged(cursor(2 * hours), {})).toBe('due: late');
    expect(judged(cursor(hours), {})).toBe('fresh until 11:30:00');
    expect(judged({ latest_timestamp: '2026-11-21T10:00:00' }, {})).toBe('fresh until 12:00:00');
  });

  test('may be shorter or longer', () => {
    expect(judged({ refresh_seconds: 60 }, { lastStart: now - minutes })).toBe('due: late');
    expect(judged({ refresh_seconds: 86_400 }, { lastStart: now - 3 * hours })).toBe('fresh until 07:30:00');
    expect(judged({ refresh_seconds: 0 }, { lastStart: now })).toBe('due: late');
  });
});

describe('a moment in the future', () => {
  test('is not waited for: the run gives the entry a start that is true', () => {
    expect(judged({}, { lastStart: now + 24 * hours })).toBe('due: late');
    expect(judged({ latest_timestamp: '2036-01-01T00:00:00Z' }, {})).toBe('due: late');
    expect(judged({ schedule: '0 * * * *' }, { lastStart: now + 24 * hours })).toBe('due: late');
    expect(judged({ latest_timestamp: '2036-01-01T00:00:00Z' }, { lastStart: now })).toBe(
      'fresh until 12:30:00',
    );
  });

  test('by which clocks may differ is none', () => {
    expect(judged({}, { lastStart: now + 5000 })).toBe('fresh until 12:30:05');
  });
});

describe('a schedule', () => {
  const hourly = { schedule: '0 * * * *' };

  test('makes an entry due when one of its times has passed since the last start', () => {
    expect(judged(hourly, { lastStart: now - 31 * minutes })).toBe('due: schedule');
    expect(judged(hourly, { lastStart: now - 29 * minutes })).toBe('fresh until 11:00:00');
  });

  test('is not joined by the default age', () => {
    expect(judged({ schedule: '0 9 1 1 *' }, { lastStart: now - 100 * hours })).toBe('fresh until 09:00:00');
  });

  test('is joined by an age that is written there', () => {
    const entry = { ...hourly, refresh_seconds: 600 };
    expect(judged(entry, { lastStart: now - 20 * minutes })).toBe('due: late');
    expect(judged(entry, { lastStart: now - 5 * minutes })).toBe('fresh until 10:35:00');
    expect(judged({ ...entry, refresh_seconds: 7200 }, { lastStart: now - 5 * minutes })).toBe(
      'fresh until 11:00:00',
    );
  });

  test('is read in the zone of the entry', () => {
    const entry = { schedule: '15 12 * * *', timezone: 'Europe/Helsinki' };
    expect(judged(entry, { lastStart: now - hours })).toBe('due: schedule');
    expect(judged({ ...entry, timezone: 'Europe/London' }, { lastStart: now - hours })).toBe(
      'fresh until 12:15:00',
    );
  });

  test('that missed many times makes one run', () => {
    const daysLate = { lastStart: now - 72 * hours };
    expect(judged(hourly, daysLate)).toBe('due: schedule');
    // That run starts now, and with its start the missed times are over.
    expect(judged(hourly, { lastStart: now }, now + minutes)).toBe('fresh until 11:00:00');
  });
});

describe('after a failure', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 8],
    [5, 16],
    [6, 32],
    [7, 60],
    [8, 60],
    [5000, 60],
  ])('number %i an entry waits %i minutes', (failures, wait) => {
    const history = { failures, lastFailure: now, unfinished: true };
    expect(retryTime(history)).toBe(now + wait * minutes);
    expect(judged({}, history, now + wait * minutes - 1)).toMatch(/^failed until /);
    expect(judged({}, history, now + wait * minutes)).toBe('due: unfinished');
  });

  test('go --once does not wait', () => {
    const history = { failures: 3, lastFailure: now, unfinished: true };
    expect(judged({}, history, now, true)).toBe('due: unfinished');
  });

  test('a person who asks need not wait', () => {
    expect(judged({}, { failures: 3, lastFailure: now, asked: true })).toBe('due: asked');
  });

  test('none is known: nothing to wait for', () => {
    expect(retryTime({ failures: 0, lastFailure: now })).toBeUndefined();
    expect(retryTime({ failures: 1, lastFailure: undefined })).toBeUndefined();
  });
});

describe('an unfinished run', () => {
  test('is due at the next check, however fresh the entry is', () => {
    expect(judged({}, { unfinished: true, lastStart: now })).toBe('due: unfinished');
    expect(judged({ schedule: '0 3 * * *' }, { unfinished: true, lastStart: now })).toBe('due: unfinished');
  });
});

describe('a paused entry', () => {
  test.each([
    {},
    { unfinished: true },
    { asked: true },
    { lastStart: now - 100 * hours },
    { failures: 1, lastFailure: now - hours },
  ])('does not run: %o', (history) => {
    expect(judged({ paused: true, latest_timestamp: null }, history)).toBe('paused until never');
  });

  test('runs when it is not paused any more, or paused is false', () => {
    expect(judged({ paused: false, latest_timestamp: null }, {})).toBe('due: never synced');
  });
});

type Decide = typeof decide;

const entries: fc.Arbitrary<Entry> = fc.record({
  list_id: fc.constant('1a2d'),
  latest_timestamp: fc.option(fc.integer({ min: now / 1000 - 10_000, max: now / 1000 }).map(formatTimestamp)),
  schedule: fc.option(fc.constantFrom('0 * * * *', '*/7 3-9 * * 1-5', '30 3 * * *'), { nil: undefined }),
  timezone: fc.option(fc.constantFrom('Europe/Helsinki', 'America/St_Johns'), { nil: undefined }),
  refresh_seconds: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
});

const seldom = fc.constantFrom(false, false, false, false, true);

const histories: fc.Arbitrary<EntryHistory> = fc.record({
  unfinished: seldom,
  lastStart: fc.option(fc.integer({ min: now - 3 * hours, max: now }), { nil: undefined }),
  failures: fc.constantFrom(0, 0, 1, 2, 9),
  lastFailure: fc.option(fc.integer({ min: now - 2 * hours, max: now }), { nil: undefined }),
  asked: seldom,
});

/** What waits becomes due exactly at the time that is shown for it. */
function checkTold(judge: Decide): void {
  fc.assert(
    fc.property(entries, histories, (entry, history) => {
      const decision = judge(entry, history, now);
      if (decision.kind === 'due' || decision.next === undefined) return true;
      const before = judge(entry, history, decision.next - 1);
      const then = judge(entry, history, decision.next);
      // After a failure it may turn out to be fresh when its pause is over.
      return before.kind === 'waiting' && (then.kind === 'due' || decision.reason === 'failed');
    }),
  );
}

const hasty: Decide = (entry, history, at, once) => {
  const decision = decide(entry, history, at, once);
  if (decision.kind === 'due' || decision.next === undefined) return decision;
  return { ...decision, next: decision.next - 60_000 };
};

describe('the time that is shown for the next run', () => {
  test('is the moment at which the entry becomes due', () => {
    checkTold(decide);
  });

  test('is checked so that a wrong one is found (twin: a minute early)', () => {
    expect(() => checkTold(hasty)).toThrow();
  });
});
