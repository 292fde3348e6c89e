import type { Clock } from '../model/clock.ts';
import { StateError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import type { Probe } from '../model/probe.ts';
import type { CommitResult, StateEdit } from './commit-result.ts';
import { decodeText } from './decode.ts';
import { createDisplaced } from './displaced.ts';
import { realDisk, type Disk } from './disk.ts';
import type { Keep } from './generations.ts';
import { readReal } from './read-real.ts';
import { replaceFile, syncReplaced } from './replace-file.ts';

export interface CommitterOptions {
  /** The state file; a symbolic link stays one. */
  readonly path: string;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly disk?: Disk;
  readonly probe?: Probe;
}

export interface Committer {
  /**
   * Reads the file, edits its text and puts the result in its place, durably, or leaves it as it was (S5).
   * One at a time. Throws StateError with recovery `retry` (disk full, read-only, file mounted instead of folder ...)
   * and AbortError when `signal` aborts before the file was touched. `keep` is given what is about to be replaced.
   */
  commit(edit: StateEdit, signal: AbortSignal, keep?: Keep): Promise<CommitResult>;
  /** Looks at once at every displaced file that still waits for its look, and merges what a person saved into it. */
  settle(): Promise<void>;
}

// An editor that saves on every key stroke is through after a few; each try takes milliseconds.
const mostTries = 10;

/** The only way `state.json` is written. At quit: `settle()`. */
export function createCommitter(options: CommitterOptions): Committer {
  const { path, clock, emit, disk = realDisk, probe = () => {} } = options;
  let folderOwed = false;
  let linksMissed = false;
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const turn = last.then(task, task);
    last = turn.catch(() => {});
    return turn;
  };
  const displaced = createDisplaced({ path, clock, emit, disk, probe, inTurn, commit: commitNow });
  return {
    commit: (edit, signal, keep) => inTurn(() => commitNow(edit, signal, keep)),
    settle: () => displaced.settle(),
  };

  async function commitNow(edit: StateEdit, signal: AbortSignal, keep?: Keep): Promise<CommitResult> {
    for (let tries = 1; tries <= mostTries; tries++) {
      signal.throwIfAborted();
      const result = await tryOnce(edit, tries, keep);
      if (result) return result;
      if (tries > 2) await clock.sleep(20 * tries, signal);
    }
    throw new StateError(`${path} was saved by someone else ${mostTries} times while it was being written`, {
      code: 'state.keeps_changing',
      recovery: 'retry',
      hint: 'Find out which program keeps writing it; it is tried again.',
    });
  }

  async function tryOnce(edit: StateEdit, tries: number, keep?: Keep): Promise<CommitResult | undefined> {
    const file = readReal(disk, path);
    if (!file) return { kind: 'missing' };
    const text = decodeText(file.bytes);
    const edited = text === undefined ? undefined : edit(text);
    if (text === undefined || edited === undefined) return { kind: 'not-ready' };
    if (edited === text) {
      // An earlier commit that could not sync its folder is not on the disk for good before this one did.
      if (folderOwed) await syncFolder(file.real);
      return { kind: 'unchanged', text };
    }
    await keep?.(file.bytes);
    const after = Buffer.from(edited);
    const replaced = await replaceFile(disk, probe, {
      path,
      real: file.real,
      before: file.bytes,
      after,
    });
    if (replaced.kind === 'changed') return undefined;
    if (replaced.displaced === undefined) noteMissingLinks();
    displaced.written({ real: file.real, before: file.bytes, after, kept: replaced.displaced, edit });
    await syncFolder(file.real);
    return { kind: 'written', text: edited, tries };
  }

  async function syncFolder(real: string): Promise<void> {
    folderOwed = true;
    await syncReplaced(disk, probe, real);
    folderOwed = false;
  }

  function noteMissingLinks(): void {
    if (linksMissed) return;
    linksMissed = true;
    emit({
      type: 'notice',
      level: 'warn',
      topic: 'state',
      message: `${path}: this file system has no hard links, so a save into the old file within milliseconds of a write-back may be lost`,
    });
  }
}
