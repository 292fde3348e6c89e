import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCompletion } from '../../src/controller/completion.ts';
import { createStateFile, type StateFile } from '../../src/controller/state-file.ts';
import type { EventBody } from '../../src/model/events.ts';
import { noTotals } from '../../src/model/run-totals.ts';
import { createCommitter } from '../../src/state/commit.ts';
import type { Disk } from '../../src/state/disk.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { failingDisk } from '../state/failing-disk.ts';
import { manualClock } from '../state/manual-clock.ts';
import { aRun } from '../support/stored-run.ts';

// A run has read and published everything, and `state.json` cannot be written: the result waits in `sluice.db` (S5, S9).

const never = new AbortController().signal;
const raw = { list_id: 'a', latest_timestamp: '2026-11-21T08:00:00Z', note: 'mine' };
const to = '2026-11-21T10:00:00Z';
const result = [{ ...raw, latest_timestamp: to, elapsed_seconds: 1.6, total_updates: 12 }];
let folder: string;
let store: Store;
let events: EventBody[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-waits-'));
  writeFileSync(join(folder, 'state.json'), JSON.stringify([raw]));
  store = openStore({ folder, command: 'test', pid: 1, now: 0 });
  events = [];
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const emit = (event: EventBody): void => void events.push(event);
const read = (): unknown => JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'));
const notices = (): string[] =>
  events.flatMap((event) => (event.type === 'notice' && event.level === 'error' ? [event.message] : []));
const count = (type: EventBody['type']): number => events.filter((event) => event.type === type).length;

function openFile(disk: Disk): StateFile {
  const path = join(folder, 'state.json');
  const stateFile = createStateFile({
    path,
    shownPath: 'state.json',
    parse: {},
    store: store.entries,
    committer: createCommitter({ path, clock: manualClock(), emit, disk }),
    groups: new Map(),
    generations: { keeper: () => () => Promise.resolve(), any: () => false },
    drawIdentity: () => 'e1',
    now: () => 0,
    emit,
  });
  stateFile.refresh();
  return stateFile;
}

/** The completion of a process, with a run that is at its end. */
function atTheEnd(disk: Disk) {
  const stateFile = openFile(disk);
  const completion = createCompletion({ store, stateFile, clock: manualClock(), emit });
  const run = aRun({ entry: stateFile.entries[0]?.key ?? '', frozen: raw, cursorTo: to });
  store.runs.begin(run);
  store.runs.complete(run.id, {
    totals: { ...noTotals, published: 12, seconds: 1.56 },
    cursorTo: to,
    tail: new Map(),
  });
  return { stateFile, catchUp: () => completion.catchUp(never) };
}

const codes = ['ENOSPC', 'EACCES', 'EROFS', 'EBUSY', 'EIO'];
const effects = ['create', 'syncFile', 'rename'] as const;
const faults = codes.flatMap((code) => effects.map((effect) => [code, effect] as const));

describe.each(faults)('%s at %s', (code, effect) => {
  test('is told once, and the result is written when it clears', async () => {
    const disk = failingDisk();
    const { catchUp, stateFile } = atTheEnd(disk);
    disk.fail(code, { of: [effect] });
    for (let check = 0; check < 3; check++) {
      stateFile.refresh();
      await catchUp();
    }
    expect(read()).toEqual([raw]);
    expect(store.runs.completing()).toHaveLength(1);
    expect(notices()).toEqual([
      expect.stringMatching(/is kept and written later: .*state\.json could not be written/),
    ]);
    disk.clear();
    await catchUp();
    expect(read()).toEqual(result);
    expect([count('run.finished'), count('run.cancelled'), store.runs.completing().length]).toEqual([
      1, 0, 0,
    ]);
  });

  test('outlives the process', async () => {
    const disk = failingDisk();
    const { catchUp } = atTheEnd(disk);
    disk.fail(code, { of: [effect] });
    await catchUp();
    disk.clear();
    const stateFile = openFile(disk);
    await createCompletion({ store, stateFile, clock: manualClock(), emit }).catchUp(never);
    expect(read()).toEqual(result);
    expect(count('run.finished')).toBe(1);
  });
});

describe('a fault after the rename', () => {
  test('leaves the run waiting for the folder to be safe, and is no edit of a person (S9)', async () => {
    const disk = failingDisk();
    const { catchUp } = atTheEnd(disk);
    disk.fail('EIO', { of: ['syncFolder'] });
    await catchUp();
    await catchUp();
    expect(read()).toEqual(result);
    expect(store.runs.completing()).toHaveLength(1);
    disk.clear();
    await catchUp();
    expect([count('run.finished'), count('run.cancelled'), store.runs.completing().length]).toEqual([
      1, 0, 0,
    ]);
  });
});

describe('a state folder that goes away', () => {
  test('takes the result when it is back', async () => {
    mkdirSync(join(folder, 'elsewhere'));
    renameSync(join(folder, 'state.json'), join(folder, 'elsewhere', 'state.json'));
    symlinkSync('elsewhere/state.json', join(folder, 'state.json'));
    const { catchUp, stateFile } = atTheEnd(failingDisk());
    renameSync(join(folder, 'elsewhere'), join(folder, 'away'));
    stateFile.refresh();
    await catchUp();
    expect(events).toContainEqual(expect.objectContaining({ type: 'state.rejected' }));
    renameSync(join(folder, 'away'), join(folder, 'elsewhere'));
    stateFile.refresh();
    await catchUp();
    expect(read()).toEqual(result);
    expect(lstatSync(join(folder, 'state.json')).isSymbolicLink()).toBe(true);
  });
});

test('twin: a completion that forgets what it could not write loses the result', async () => {
  const disk = failingDisk();
  const { catchUp } = atTheEnd(disk);
  const forgetful = async (): Promise<void> => {
    await catchUp();
    for (const run of store.runs.completing()) store.runs.done(run.id, 0);
  };
  disk.fail('ENOSPC');
  await forgetful();
  disk.clear();
  await forgetful();
  expect(read()).not.toEqual(result);
});
