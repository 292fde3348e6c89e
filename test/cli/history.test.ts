import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answerHistory, history } from '../../src/cli/history.ts';
import { serveControl } from '../../src/control/server.ts';
import { socketPath } from '../../src/control/socket-path.ts';
import { LockedError, SettingError } from '../../src/model/errors.ts';
import type { RunTotals } from '../../src/model/events.ts';
import { noTotals } from '../../src/model/run-totals.ts';
import type { Store } from '../../src/store/store.ts';
import { writeFirstSchema } from '../support/first-schema.ts';
import { aRun, type NewRun } from '../support/stored-run.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';
import { commandLine } from './command-line.ts';

const hour = 3_600_000;
const start = Date.UTC(2026, 10, 21, 10);
const some: RunTotals = {
  read: 10_133,
  published: 10_120,
  ignored: 11,
  requests: 104,
  retried: 3,
  slowestMs: 1234.56,
  reread: 12,
  deadLetters: 2,
  bytes: 9_000_000,
  seconds: 12.34,
  waitedMs: { source: 10, queue: 20, workers: 9000, quota: 0 },
};

function begin({ runs }: Store, different: Partial<NewRun>): void {
  runs.begin(aRun({ totals: noTotals, ...different }));
}

function end({ runs }: Store, id: string, totals: RunTotals, finished: number): void {
  runs.complete(id, { totals, cursorTo: null, tail: new Map() });
  runs.done(id, finished);
}

/** A run of every result: two entries, one of them a name that repeats, one with an id. */
function fill(store: Store): void {
  begin(store, { id: 'r-done', mode: 'LOAD', started: start });
  end(store, 'r-done', some, start + 13_000);
  begin(store, { id: 'r-cancelled', started: start + hour });
  store.runs.drop('r-cancelled', start + hour + 500, 'latest_timestamp was edited');
  const named = { entry: 'e2', label: 'list "b"', frozen: { list_id: 'b', id: 'people' } };
  begin(store, { id: 'r-writing', ...named, started: start + 2 * hour });
  store.runs.complete('r-writing', { totals: some, cursorTo: null, tail: new Map() });
  const again = { entry: 'e3', label: 'list "1a2d"#2' };
  begin(store, { id: 'r-stopped', ...again, started: start + 3 * hour });
  store.runs.failed('r-stopped', '503 from\n\u001B[2Jthe source', { ...some, waitedMs: noTotals.waitedMs });
  begin(store, { id: 'r-live', started: start + 4 * hour });
}

function filledFolder(): string {
  const folder = storeFolder();
  writeFileSync(join(folder, 'state.json'), '[]');
  const store = openIn(folder);
  fill(store);
  store.close();
  return folder;
}

async function print(folder: string, ...args: readonly string[]): Promise<string> {
  const context = commandLine([...args, '--state', folder]);
  expect(await history(context)).toBe(0);
  return context.printed();
}

async function ids(folder: string, ...args: readonly string[]): Promise<readonly string[]> {
  return [...(await print(folder, ...args, '--json')).matchAll(/"id":"([^"]+)"/g)].map(([, id = '']) => id);
}

describe('without a controller', () => {
  test('every run has a line, the newest first', async () => {
    expect(await print(filledFolder())).toBe(
      [
        'STARTED                   ENTRY   MODE  READ   PUBLISHED  IGNORED  REREAD  DEAD  BYTES    SECONDS  REQUESTS  RETRIED  SLOWEST  LIMITED BY    RESULT',
        '2026-11-21T14:00:00.000Z  1a2d    SYNC  0      0          0        0       0     0        0        0         0        -        -             unfinished',
        '2026-11-21T13:00:00.000Z  1a2d#2  SYNC  10133  10120      11       12      2     9000000  12.3     104       3        1235 ms  -             stopped: 503 from\\x0a\\x1b[2Jthe source',
        '2026-11-21T12:00:00.000Z  people  SYNC  10133  10120      11       12      2     9000000  12.3     104       3        1235 ms  worker_count  writing',
        '2026-11-21T11:00:00.000Z  1a2d    SYNC  0      0          0        0       0     0        0        0         0        -        -             cancelled: latest_timestamp was edited',
        '2026-11-21T10:00:00.000Z  1a2d    LOAD  10133  10120      11       12      2     9000000  12.3     104       3        1235 ms  worker_count  done',
        '',
      ].join('\n'),
    );
  });

  test('as JSON a run says everything', async () => {
    const folder = filledFolder();
    const runs: unknown = JSON.parse(await print(folder, '--json', '--limit', '100'));
    expect(runs).toHaveLength(5);
    expect(runs).toContainEqual({
      id: 'r-done',
      entry: '1a2d',
      mode: 'LOAD',
      result: 'done',
      reason: null,
      started: '2026-11-21T10:00:00.000Z',
      finished: '2026-11-21T10:00:13.000Z',
      read: 10_133,
      published: 10_120,
      ignored: 11,
      requests: 104,
      retried: 3,
      slowestMs: 1235,
      reread: 12,
      dead: 2,
      bytes: 9_000_000,
      seconds: 12.3,
      limitedBy: 'workers',
    });
  });

  test("a group's name, or its id, stands for all its services, which have their own names", async () => {
    const folder = filledFolder();
    const store = openIn(folder);
    const group = { identity: 'e9', raw: { service: 'sisu', id: 'university' } };
    store.entries.replace([group, { identity: 'e1', raw: { list_id: '1a2d' } }]);
    for (const service of ['PERSON', 'ATTAINMENT']) {
      const frozen = { service, id: 'university' };
      begin(store, { id: `r-${service}`, entry: `e9/${service}`, label: `service "${service}"`, frozen });
    }
    store.close();
    const all = ['r-ATTAINMENT', 'r-PERSON'];
    expect(await ids(folder, 'sisu')).toEqual(all);
    expect(await ids(folder, 'university')).toEqual(all);
    expect(await ids(folder, 'PERSON')).toEqual(['r-PERSON']);
    expect(await print(folder, 'PERSON')).toMatch(/\n\S+ +PERSON /);
    expect(await ids(folder, '1a2d')).toEqual(['r-live', 'r-cancelled', 'r-done']);
  });

  test('a run that stopped for good says that it failed', async () => {
    const folder = filledFolder();
    const store = openIn(folder);
    begin(store, { id: 'r1', started: start });
    store.runs.giveUp('r1', start + 1, '11 records are dead');
    store.close();
    expect(await print(folder, '--limit', '1')).toMatch(/ failed: 11 records are dead\n$/);
  });

  test('an entry is asked for by the name it has in commands, in the file now or not', async () => {
    const folder = filledFolder();
    expect(await ids(folder, '1a2d')).toEqual(['r-live', 'r-cancelled', 'r-done']);
    expect(await ids(folder, '1a2d#2')).toEqual(['r-stopped']);
    expect(await ids(folder, 'people')).toEqual(['r-writing']);
    expect(await ids(folder, 'b')).toEqual([]);
    expect(await ids(folder, '%')).toEqual([]);
    expect(await print(folder, 'nobody')).toMatch(/^no run is known; runs are kept for 90 days/);
  });

  test('an entry keeps its runs when a person gives it another name', async () => {
    const folder = filledFolder();
    const store = openIn(folder);
    begin(store, {
      id: 'r-renamed',
      entry: 'e2',
      frozen: { list_id: 'b', id: 'staff' },
      started: start + 9 * hour,
    });
    store.close();
    expect(await ids(folder, 'staff')).toEqual(['r-renamed', 'r-writing']);
    expect(await ids(folder, 'people')).toEqual(['r-renamed', 'r-writing']);
  });

  test('--limit says how many', async () => {
    const folder = filledFolder();
    expect(await ids(folder, '--limit', '2')).toEqual(['r-live', 'r-stopped']);
    expect(await ids(folder, '1a2d', '--limit=1')).toEqual(['r-live']);
  });

  test.each(['0', '-1', '1.5', 'ten', '10001', '', '1e3'])('--limit=%s is refused', async (limit) => {
    const context = commandLine([`--limit=${limit}`, '--state', storeFolder()]);
    await expect(history(context)).rejects.toThrow(SettingError);
  });

  test('runs of the first schema are shown without what was not counted then', async () => {
    const folder = storeFolder();
    writeFileSync(join(folder, 'state.json'), '[]');
    writeFirstSchema(folder);
    const text = await print(folder, '1a2d');
    expect(text).toContain(
      'LOAD  30    20         0        3       2     1000   1.5      4         0        -        -',
    );
    expect(text).toContain('cancelled: the entry was removed');
    expect(text).toContain('stopped: the queue is down');
  });

  test('a folder that another process holds is said to be held', async () => {
    const folder = filledFolder();
    openIn(folder);
    await expect(history(commandLine(['--state', folder]))).rejects.toThrow(LockedError);
  });
});

describe('with a controller', () => {
  test('it answers, and knows which run is on', async () => {
    const folder = filledFolder();
    const store = openIn(folder);
    const context = commandLine(['1a2d', '--limit', '2', '--json', '--state', folder]);
    const server = await serveControl(socketPath(folder, context.temporary, context.user), {
      '/history': (query) => answerHistory(store.runs, query, (id) => id === 'r-live'),
    });
    onTestFinished(() => server.close());
    expect(await history(context)).toBe(0);
    expect(JSON.parse(context.printed())).toMatchObject([
      { id: 'r-live', entry: '1a2d', result: 'running' },
      { id: 'r-cancelled', result: 'cancelled', reason: 'latest_timestamp was edited' },
    ]);
  });

  test('it refuses a limit that is none', () => {
    const store = openIn(storeFolder());
    const ask = (query: string) => answerHistory(store.runs, new URLSearchParams(query), () => false);
    expect(ask('')).toEqual([]);
    expect(() => ask('limit=all')).toThrow(SettingError);
  });
});
