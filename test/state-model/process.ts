import { type StateFile, createStateFile } from '../../src/controller/state-file.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { Emit } from '../../src/model/events.ts';
import { type Committer, createCommitter } from '../../src/state/commit.ts';
import { type Disk, realDisk } from '../../src/state/disk.ts';
import { clearLeftovers } from '../../src/state/leftovers.ts';
import { parseState } from '../../src/state/parse.ts';
import type { EntryStore, StoredEntry } from '../../src/store/entries.ts';
import { guardedDisk } from '../state/guarded-disk.ts';

/** Parts that a twin puts in the place of ours. */
export interface Parts {
  readonly disk?: (disk: Disk) => Partial<Disk>;
  readonly committer?: (committer: Committer) => Committer;
  readonly stateFile?: (stateFile: StateFile) => StateFile;
}

export interface ProcessOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly probe: (point: string) => void;
  /** Outlives the process, as `sluice.db` does. */
  readonly store: EntryStore;
  readonly parts: Parts;
}

/** What of the controller handles `state.json`, from a start to its end. */
export interface Process {
  readonly committer: Committer;
  readonly stateFile: StateFile;
  readonly isDead: () => boolean;
  /** SIGKILL: from now on it does nothing to the disk any more. */
  kill(): void;
}

/** Starts as `go` does: clears what a killed process left, then reads the file. */
export async function startProcess(options: ProcessOptions): Promise<Process> {
  const { path, clock, probe, store, parts } = options;
  let dead = false;
  const disk = guardedDisk({ ...unsynced, ...parts.disk?.(unsynced) }, () => {
    if (dead) throw new Error('killed');
  });
  await clearLeftovers({ path, emit, now: clock.now(), isWhole, disk });
  const made = createCommitter({
    path,
    clock,
    emit,
    disk,
    probe: (point) => {
      if (!dead) probe(point);
      if (dead) throw new Error('killed');
    },
  });
  const committer = parts.committer?.(made) ?? made;
  const opened = createStateFile({
    path,
    shownPath: 'state.json',
    parse: {},
    store,
    committer,
    groups: new Map(),
    generations: { keeper: () => () => Promise.resolve(), any: () => false },
    drawIdentity: () => `e${(drawn += 1)}`,
    now: () => clock.now(),
    emit,
  });
  const stateFile = parts.stateFile?.(opened) ?? opened;
  return { committer, stateFile, isDead: () => dead, kill: () => void (dead = true) };
}

let drawn = 0;

/** What of `sluice.db` the state file needs, in memory. */
export function memoryStore(): EntryStore {
  let kept: readonly StoredEntry[] = [];
  return {
    all: () => [...kept],
    replace: (entries) => void (kept = entries.map(({ identity, raw }) => ({ identity, raw: { ...raw } }))),
  };
}

/** Real files, without waiting for the disk: nothing here loses power, which is power-loss.test.ts's part. */
const unsynced: Disk = {
  ...realDisk,
  async syncFile(path) {
    realDisk.identify(path);
  },
  async syncFolder(folder) {
    realDisk.list(folder);
  },
};

const emit: Emit = () => {};

function isWhole(text: string): boolean {
  return parseState(text, { file: 'state.json' }).ok;
}
