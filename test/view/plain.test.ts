import { expect, test } from 'vitest';
import type { EventBody } from '../../src/model/events.ts';
import { createPlainView } from '../../src/view/plain.ts';
import { createSnapshotStore } from '../../src/view/snapshot.ts';
import { at } from './every-event.ts';

process.env['TZ'] = 'UTC';

const entry = { key: 'k1', label: 'list "1a2d"' };
const run = { entry, runId: 'r1' };
const started: EventBody = { type: 'run.started', ...run, mode: 'LOAD', resumed: false, workers: 4 };
const page = (records: number): EventBody => ({ type: 'page.confirmed', ...run, page: 1, records });

/** A plain view and what it prints; seconds count from the first event. */
function watch(): { show: (seconds: number, event: EventBody) => void; lines: () => string[] } {
  let output = '';
  const snapshots = createSnapshotStore();
  const view = createPlainView({
    write: (text) => (output += text),
    redact: (text) => text,
    snapshots,
  });
  return {
    show(seconds, event) {
      const timed = { at: at + seconds * 1000, ...event };
      snapshots.apply(timed);
      view.show(timed);
    },
    lines: () => output.split('\n').slice(0, -1),
  };
}

test('a run that goes on says so every ten seconds: how much, of how much, how fast', () => {
  const { show, lines } = watch();
  show(0, started);
  show(0, { type: 'run.window', ...run, window: { since: null, until: 1 }, total: 10_133 });
  for (let second = 1; second <= 25; second += 1) show(second, page(200));
  expect(lines().slice(2)).toEqual([
    '2026-11-21 10:51:26 INFO |sync| list "1a2d": 2,000 of about 10,133 published in 10 s, 200 a second.',
    '2026-11-21 10:51:36 INFO |sync| list "1a2d": 4,000 of about 10,133 published in 20 s, 200 a second.',
  ]);
});

test('a short run says nothing in between', () => {
  const { show, lines } = watch();
  show(0, started);
  show(9.9, page(100));
  expect(lines()).toHaveLength(1);
});

test('two runs at the same time count for themselves', () => {
  const { show, lines } = watch();
  const other = { entry: { key: 'k2', label: 'list "b"' }, runId: 'r2' };
  show(0, started);
  show(5, { type: 'run.started', ...other, mode: 'SYNC', resumed: true, workers: 1 });
  show(11, page(50));
  show(12, { type: 'page.confirmed', ...other, page: 1, records: 7 });
  show(15, { type: 'page.confirmed', ...other, page: 2, records: 7 });
  expect(lines().slice(2)).toEqual([
    '2026-11-21 10:51:27 INFO |sync| list "1a2d": 50 published in 11 s, 5 a second.',
    '2026-11-21 10:51:31 INFO |sync| list "b": 14 published in 10 s, 1 a second.',
  ]);
});

test('a page of a run that nobody announced is no reason to fail', () => {
  const { show, lines } = watch();
  show(0, page(5));
  expect(lines()).toEqual([]);
});
