import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCompletion } from '../../src/controller/completion.ts';
import { createStateFile, type StateFile } from '../../src/controller/state-file.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { EventBody } from '../../src/model/events.ts';
import { createCommitter } from '../../src/state/commit.ts';
import { createGenerations } from '../../src/state/generations/generations.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { noTotals } from '../../src/model/run-totals.ts';

// S9: a process was killed at any moment of the end of a run; what does the next start make of it?

const from = '2026-11-21T08:00:00Z';
const to = '2026-11-21T10:00:00Z';
const never = new AbortController().signal;
let folder: string;
let store: Store;
let events: EventBody[];
let drawn: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-completion-'));
  store = openStore({ folder, command: 'test', pid: 1, now: 0 });
  events = [];
  drawn = 0;
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (...entries: readonly object[]): void =>
  writeFileSync(join(folder, 'state.json'), JSON.stringify(entries));
const read = (): unknown => JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'));
const emit = (event: EventBody): void => void events.push(event);

function openFile(): StateFile {
  const path = join(folder, 'state.json');
  const file = createStateFile({
    path,
    shownPath: 'state.json',
    parse: {},
    store: store.entries,
    committer: createCommitter({ path, clock: systemClock, emit }),
    groups: new Map(),
    generations: createGenerations({ folder: join(folder, 'generations'), now: () => 0, emit }),
    drawIdentity: () => `e${(drawn += 1)}`,
    now: () => 0,
    emit,
  });
  file.refresh();
  return file;
}

/** A run of the first entry that confirmed everything and then was killed. */
function killAtItsEnd(entry: Readonly<Record<string, unknown>>): StateFile {
  write(entry);
  const file = openFile();
  const totals = { ...noTotals, published: 12, seconds: 1.56 };
  const span = { kind: 'ranged' as const, window: { since: 1, until: 2 } };
  const identity = file.entries[0]?.key ?? '';
  const run = { id: 'r1', entry: identity, label: 'list "a"', mode: 'SYNC', frozen: entry } as const;
  store.runs.begin({ ...run, span, cursorTo: to, started: 1000, totals: noTotals });
  store.runs.complete('r1', { totals, cursorTo: to, tail: new Map() });
  return file;
}

async function startAgain(): Promise<void> {
  const stateFile = openFile();
  await createCompletion({ store, stateFile, clock: systemClock, emit }).catchUp(never);
}

const entry = { list_id: 'a', latest_timestamp: from, note: 'mine' };

describe('a start after a kill at the end of a run', () => {
  test('before the rename: the result is written now', async () => {
    killAtItsEnd(entry);
    await startAgain();
    expect(read()).toEqual([{ ...entry, latest_timestamp: to, elapsed_seconds: 1.6, total_updates: 12 }]);
    expect(store.runs.completing()).toEqual([]);
    expect(store.runs.lastDone('e1')?.id).toBe('r1');
  });

  test('after the rename: the run is done and nothing is written again', async () => {
    killAtItsEnd(entry);
    const written = { ...entry, latest_timestamp: to, elapsed_seconds: 1.6, total_updates: 12 };
    write(written);
    const before = readFileSync(join(folder, 'state.json'));
    await startAgain();
    expect(readFileSync(join(folder, 'state.json'))).toEqual(before);
    expect(store.runs.lastDone('e1')?.id).toBe('r1');
  });

  test.each([
    ['a person reset the cursor', { ...entry, latest_timestamp: null }],
    ['a person moved the cursor', { ...entry, latest_timestamp: '2026-01-01T00:00:00Z' }],
    ['a person sends it elsewhere', { ...entry, sink: 'bullmq' }],
  ])('%s: the run is dropped and the file stays', async (_name, edited) => {
    killAtItsEnd(entry);
    write(edited);
    await startAgain();
    expect(read()).toEqual([edited]);
    expect(store.runs.completing()).toEqual([]);
    expect(store.runs.lastDone('e1')).toBeUndefined();
    expect(events).toContainEqual(expect.objectContaining({ type: 'run.cancelled' }));
  });

  test('a person removed the entry: the run is dropped', async () => {
    killAtItsEnd(entry);
    write({ list_id: 'b' });
    await startAgain();
    expect(read()).toEqual([{ list_id: 'b' }]);
    expect(store.runs.completing()).toEqual([]);
  });

  test('other fields were edited and the entry moved: the result goes to the right one', async () => {
    killAtItsEnd(entry);
    write({ list_id: 'b' }, { worker_count: 3, ...entry, note: 'edited' });
    await startAgain();
    expect(read()).toEqual([
      { list_id: 'b' },
      {
        worker_count: 3,
        ...entry,
        note: 'edited',
        latest_timestamp: to,
        elapsed_seconds: 1.6,
        total_updates: 12,
      },
    ]);
  });
});

test('a run whose end is looked at twice at the same time is finished once', async () => {
  const stateFile = killAtItsEnd(entry);
  const completion = createCompletion({ store, stateFile, clock: systemClock, emit });
  await Promise.all([completion.catchUp(never), completion.catchUp(never)]);
  expect(events.filter(({ type }) => type === 'run.finished')).toHaveLength(1);
});

test('two entries that are alike keep who they are when one of them is written', async () => {
  const twin = { list_id: 'a', latest_timestamp: from };
  write(twin, twin);
  const file = openFile();
  const [first, second] = file.entries;
  const write2 = { identity: second?.key ?? '', fields: { latest_timestamp: to }, base: twin };
  await file.write([write2], never);
  expect(read()).toEqual([twin, { ...twin, latest_timestamp: to }]);
  expect(file.entries.map(({ key }) => key)).toEqual([first?.key, second?.key]);
});
