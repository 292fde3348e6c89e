import { describe, expect, test } from 'vitest';
import { findUnfinished, lastKnownRun } from '../../src/controller/queue-memory.ts';
import { noTotals } from '../../src/model/run-totals.ts';
import { createChainedList } from '../support/chained-list.ts';
import { createFastClock } from '../support/fast-clock.ts';
import { createMemorySink } from '../support/memory-sink.ts';
import { createProcessingSink } from '../support/processing-sink.ts';
import { openSessionWorld, type SessionWorld } from '../support/session-world.ts';
import { aRun } from '../support/stored-run.ts';

const never = new AbortController().signal;
const clock = createFastClock(100);
const entry = { service: 'TEST', latest_ordinal: 5 };
const totals = { ...noTotals, published: 3, read: 3 };

function world(grade: 'queued' | 'processed', entries: readonly object[] = [entry]) {
  const sink = grade === 'queued' ? createMemorySink() : createProcessingSink();
  const opened = { kind: 'chained' as const, source: createChainedList() };
  const session: SessionWorld = openSessionWorld({ opened, sink, clock, entries });
  const process = session.start();
  const { runs } = process.store;
  const { key } = process.entry();
  const span = { kind: 'chained' as const, since: 5, intended: undefined, overlapFrom: undefined };
  runs.begin(aRun({ entry: key, frozen: entry, span, cursorTo: 5, started: clock.now() }));
  runs.checkpoint('r1', { version: 9, nextPage: 1 }, [], totals);
  return { sink, events: session.events, process, runs, key };
}

describe('an unfinished run', () => {
  test('goes on where it stopped while the queue knows it', async () => {
    const { process, sink } = world('queued');
    await sink.mark('r1', never);
    const found = await findUnfinished(process.entry(), sink, process.parts, never);
    expect(found).toMatchObject({ id: 'r1', checkpoint: { version: 9 } });
  });

  test('is read from its beginning when the queue has lost what was only queued, and that is told', async () => {
    const { process, sink, events } = world('queued');
    const found = await findUnfinished(process.entry(), sink, process.parts, never);
    expect(found).toMatchObject({
      id: 'r1',
      checkpoint: { version: undefined, nextPage: 1 },
      totals: { published: 0 },
    });
    expect(events).toMatchObject([{ type: 'notice', message: expect.stringContaining('has lost its data') }]);
  });

  test('goes on whatever the queue lost, where consumers have finished what was confirmed', async () => {
    const { process, sink, events } = world('processed');
    const found = await findUnfinished(process.entry(), sink, process.parts, never);
    expect(found).toMatchObject({ checkpoint: { version: 9 } });
    expect(events).toEqual([]);
  });

  test('is dropped when a person moved the ordinal meanwhile', async () => {
    const { process, sink, events, runs, key } = world('processed', [{ ...entry, latest_ordinal: 0 }]);
    expect(await findUnfinished(process.entry(), sink, process.parts, never)).toBeUndefined();
    expect(runs.unfinished(key)).toBeUndefined();
    expect(events).toMatchObject([{ type: 'run.cancelled', reason: 'latest_ordinal was edited' }]);
  });

  test('stays when the ordinal in the file is the one it was about to write when it was killed', async () => {
    const { process, sink, runs } = world('processed', [{ ...entry, latest_ordinal: 9 }]);
    runs.intend('r1', 9);
    expect(await findUnfinished(process.entry(), sink, process.parts, never)).toMatchObject({ id: 'r1' });
  });
});

async function last(grade: 'queued' | 'processed', isMarked: boolean) {
  const { process, sink, runs, key, events } = world(grade);
  runs.complete('r1', { totals, cursorTo: 9, tail: new Map() });
  runs.done('r1', clock.now());
  if (isMarked) await sink.mark('r1', never);
  const found = await lastKnownRun({ key, label: 'x' }, sink, process.parts, never);
  return { found: found?.id, told: events.filter(({ type }) => type === 'notice').length };
}

describe('the newest complete run', () => {
  test('counts while the queue knows it, or consumers have finished it', async () => {
    expect(await last('queued', true)).toEqual({ found: 'r1', told: 0 });
    expect(await last('processed', false)).toEqual({ found: 'r1', told: 0 });
  });

  test('counts no more when the queue lost what it held, and that is told', async () => {
    expect(await last('queued', false)).toEqual({ found: undefined, told: 1 });
  });
});
