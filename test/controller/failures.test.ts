import { expect, test } from 'vitest';
import { createFailures } from '../../src/controller/failures.ts';
import type { KnownStateEntry } from '../../src/controller/known-entries.ts';
import { retryTime } from '../../src/schedule/due.ts';
import { manualClock } from '../state/manual-clock.ts';

const entry = (ordinal: number, more: object = {}): KnownStateEntry => {
  const raw = { service: 'PERSON', latest_ordinal: ordinal, ...more };
  return {
    key: 'e1',
    id: 'PERSON',
    label: 'service "PERSON"',
    entry: raw,
    raw,
    problem: undefined,
    group: undefined,
  };
};
const failure = { reason: 'the source is away', pause: 'growing' as const };

test("a run's own write of the ordinal ends no rest, and the rests grow from failure to failure (S2)", async () => {
  const clock = manualClock();
  const failures = createFailures(clock);
  // Decided at 5; the run had moved the file to 9 when it failed.
  failures.note(entry(5), entry(9), failure);
  expect(failures.of(entry(9))).toEqual({ failures: 1, lastFailure: clock.now() });
  await clock.pass(60_000);
  failures.note(entry(9), entry(12), failure);
  expect(failures.of(entry(12))).toEqual({ failures: 2, lastFailure: clock.now() });
});

test('twin: noted by the entry as it was decided, the own write looks like an edit', () => {
  const failures = createFailures(manualClock());
  failures.note(entry(5), entry(5), failure);
  expect(failures.of(entry(9)).failures).toBe(0);
});

test("a person's edit of any field ends the rest", () => {
  const failures = createFailures(manualClock());
  failures.note(entry(5), entry(9), failure);
  expect(failures.of(entry(9, { worker_count: 3 })).failures).toBe(0);
  expect(failures.of(entry(3)).failures).toBe(0);
});

test('what only a person can mend rests an hour at once (S15)', () => {
  const clock = manualClock();
  const failures = createFailures(clock);
  failures.note(entry(5), entry(9), { reason: 'too many dead', pause: 'longest' });
  expect(retryTime(failures.of(entry(9)))).toBe(clock.now() + 60 * 60_000);
});
