import { describe, expect, test } from 'vitest';
import { createFailures } from '../../src/controller/failures.ts';
import { judge } from '../../src/controller/judge.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { Cursor } from '../../src/model/cursor.ts';
import type { Entry } from '../../src/model/entry.ts';
import { noTotals } from '../../src/model/run-totals.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';
import { aRun } from '../support/stored-run.ts';

const at = (time: string): number => Date.parse(`2026-11-21T${time}:00Z`);
const hourly = { itemsPerRequest: 1, workerCount: 1, schedule: '0 * * * *', timezone: 'Europe/Helsinki' };

interface Case {
  readonly entry: Entry;
  /** When the newest complete run began, and where it left the cursor. */
  readonly last?: { readonly at: string; readonly cursorTo: Cursor };
  readonly now: string;
  readonly unfinished?: boolean;
}

function judged({ entry, last, now, unfinished = false }: Case): string {
  const { runs } = openIn(storeFolder());
  if (last) {
    runs.begin(aRun({ id: 'r1', started: at(last.at), cursorTo: last.cursorTo }));
    runs.complete('r1', { totals: noTotals, cursorTo: last.cursorTo, tail: new Map() });
    runs.done('r1', at(last.at) + 1);
  }
  if (unfinished) runs.begin(aRun({ id: 'r2', started: at(now) }));
  const known = {
    key: 'e1',
    id: 'x',
    label: 'x',
    entry,
    raw: { ...entry },
    problem: undefined,
    group: undefined,
  };
  const { decision } = judge(known, {
    runs,
    failures: createFailures(systemClock),
    startOf: () => undefined,
    asked: new Set(),
    now: at(now),
    defaults: () => hourly,
  });
  return `${decision.kind}, ${decision.reason}`;
}

describe('an entry of a service with a schedule', () => {
  const service = 'PERSON';
  const last = { at: '10:00', cursorTo: 7 };

  test.each<[string, string, Case]>([
    ['runs when it never did', 'due, never synced', { entry: { service }, now: '10:30' }],
    [
      'rests until the next time',
      'waiting, fresh',
      { entry: { service, latest_ordinal: 7 }, last, now: '10:59' },
    ],
    ['runs at the next time', 'due, schedule', { entry: { service, latest_ordinal: 7 }, last, now: '11:00' }],
    [
      'runs at once when a person moved its ordinal',
      'due, never synced',
      { entry: { service, latest_ordinal: 0 }, last, now: '10:01' },
    ],
    [
      'goes on at once with what is not finished',
      'due, unfinished',
      { entry: { service, latest_ordinal: 7 }, last, now: '10:01', unfinished: true },
    ],
    [
      'goes by its own schedule where it has one',
      'waiting, fresh',
      { entry: { service, latest_ordinal: 7, schedule: '0 0 * * *' }, last, now: '12:00' },
    ],
    [
      'goes by its age where it says so',
      'due, late',
      { entry: { service, latest_ordinal: 7, refresh_seconds: 60 }, last, now: '10:02' },
    ],
    [
      'of a group without a cursor of its own rests too',
      'waiting, fresh',
      { entry: { service: 'COUNTRY' }, last: { at: '10:00', cursorTo: null }, now: '10:59' },
    ],
  ])('%s', (_what, expected, given) => {
    expect(judged(given)).toBe(expected);
  });
});
