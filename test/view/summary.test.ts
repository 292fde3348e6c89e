import { expect, test } from 'vitest';
import { emptySnapshot, reduce, type Snapshot } from '../../src/view/snapshot.ts';
import { summarize } from '../../src/view/summary.ts';
import { at, everyEvent } from './every-event.ts';

process.env['TZ'] = 'UTC';

const keep = (text: string): string => text;

test('says what ran, what failed and why, and where the log is', () => {
  const snapshot = everyEvent.reduce(reduce, emptySnapshot);
  expect(summarize(snapshot, at + 11_532_000, 'state/logs/2026-11-21.ndjson', keep)).toMatchInlineSnapshot(`
    "sluice ran 3 h 12 min. 2 runs, 100 records, 1 failed, 2 dead letters.
      x list "1a2d": something broke since 2026-11-21 10:51:16
      log: state/logs/2026-11-21.ndjson
    "
  `);
});

test('names six failures and counts the others', () => {
  const failures = new Map(
    Array.from({ length: 9 }, (_, index) => [
      `k${index}`,
      { label: `list "${index}"`, reason: '500', hint: undefined, since: at },
    ]),
  );
  const snapshot: Snapshot = { ...emptySnapshot, startedAt: at, failures };
  const lines = summarize(snapshot, at, 'log', keep).split('\n');
  expect(lines).toHaveLength(1 + 6 + 1 + 1 + 1);
  expect(lines[6]).toBe('  x list "5": 500 since 2026-11-21 10:51:16');
  expect(lines[7]).toBe('  and 3 more');
});

test('says nothing of a controller that never started', () => {
  expect(summarize(emptySnapshot, at, 'log', keep)).toBe('');
});
