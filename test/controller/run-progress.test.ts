import { expect, test } from 'vitest';
import { progressAfter } from '../../src/controller/run-progress.ts';
import type { EventBody } from '../../src/model/events.ts';
import type { RunProgress } from '../../src/model/status.ts';

const run = { entry: { key: 'e1', label: 'list "1a2d"' }, runId: 'r1' };
const started: EventBody = { type: 'run.started', ...run, mode: 'LOAD', resumed: false, workers: 2 };
const page = { ...run, page: 0, worker: 1, ms: 5 };

function after(...events: readonly EventBody[]): RunProgress | undefined {
  return events.reduce<RunProgress | undefined>(progressAfter, undefined);
}

test('a run that has not begun has got nowhere, whatever is told of it', () => {
  expect(after({ type: 'page.read', ...page, records: 100 })).toBeUndefined();
  expect(after(started)).toEqual({ read: 0, published: 0, total: null, ordinal: null, waitingChunks: 0 });
});

test('a list is followed by its total, which moves with the list', () => {
  const window = { since: null, until: 9 };
  const read = after(
    started,
    { type: 'run.window', ...run, window, total: 300 },
    { type: 'page.read', ...page, records: 100, offset: 0, total: 299 },
    { type: 'page.read', ...page, records: 100, offset: 100, total: 298 },
    { type: 'page.confirmed', ...run, page: 0, records: 100 },
  );
  expect(read).toMatchObject({ read: 200, published: 100, total: 298, ordinal: null });
});

test('numbered changes are followed by the ordinal and by what consumers have not finished', () => {
  const waits = { type: 'chunks.waiting', ...run, queue: 'q', workers: 0, unattended: false } as const;
  const begun = [
    started,
    { type: 'run.chain', ...run, cursor: 500, after: 400 },
    { type: 'page.read', ...page, records: 70, ordinal: 600 },
    { ...waits, chunks: 2 },
  ] as const;
  expect(after(...begun)).toEqual({ read: 70, published: 0, total: null, ordinal: 600, waitingChunks: 2 });
  expect(after(...begun, { ...waits, chunks: 0 })).toMatchObject({ waitingChunks: 0 });
});

test('a run that is done again after the queue lost its data begins at nothing', () => {
  const again = after(started, { type: 'page.confirmed', ...run, page: 0, records: 100 }, started);
  expect(again).toMatchObject({ published: 0 });
});
