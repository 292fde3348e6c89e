import { describe, expect, test } from 'vitest';
import { createFailures } from '../../src/controller/failures.ts';
import { judge } from '../../src/controller/judge.ts';
import { systemClock } from '../../src/model/clock.ts';
import { noTotals } from '../../src/model/run-totals.ts';
import type { Decision } from '../../src/schedule/due.ts';
import type { RunStore } from '../../src/store/runs.ts';
import type { StoredRun } from '../../src/store/stored-run.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';
import { aRun } from '../support/stored-run.ts';

const minute = 60_000;
const now = Date.parse('2026-11-21T10:00:00Z');
const entry = { service: 'demo', latest_ordinal: 7 };
const known = {
  key: 'e1',
  id: 'demo',
  label: 'service "demo"',
  entry,
  raw: entry,
  problem: undefined,
  group: undefined,
};

/** Two runs to the same cursor: the first by a clock that was an hour ahead. */
function judged(newest: (store: RunStore) => StoredRun | undefined): Decision['kind'] {
  const { runs } = openIn(storeFolder());
  for (const [id, started] of [
    ['r1', now + 60 * minute],
    ['r2', now - minute],
  ] as const) {
    runs.begin(aRun({ id, started, cursorTo: 7 }));
    runs.complete(id, { totals: noTotals, cursorTo: 7, tail: new Map() });
    runs.done(id, started);
  }
  return judge(known, {
    runs: { ...runs, lastDone: () => newest(runs) },
    failures: createFailures(systemClock),
    startOf: () => undefined,
    asked: new Set(),
    now,
    defaults: () => ({ itemsPerRequest: 1, workerCount: 1 }),
  }).decision.kind;
}

const greatestStart = (runs: RunStore): StoredRun | undefined =>
  runs.recent(10).toSorted((one, other) => other.started - one.started)[0];

describe('an entry whose cursor stays where it is', () => {
  test('does not run at every check because an older run began later by its clock', () => {
    expect(judged((runs) => runs.lastDone('e1'))).toBe('waiting');
  });

  test('would, if the run with the greatest start were the newest (twin)', () => {
    expect(judged(greatestStart)).toBe('due');
  });
});
