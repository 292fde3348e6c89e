import type { Clock } from '../model/clock.ts';
import { StateError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import type { Probe } from '../model/probe.ts';
import type { CommitResult, ReplaceResult, StateEdit } from './commit-result.ts';
import { decodeText } from './decode.ts';
import { createDisplaced } from './displaced.ts';
import { realDisk, type Disk } from './disk.ts';
import type { Keep } from './generations/generations.ts';
import { findOccupant, type Occupant } from './occupant.ts';
import { placeFile } from './place-file.ts';
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
  /**
   * Puts a whole text in the place of the file, durably and whatever stands there: a version that is broken or no text,
   * nothing, or what is no file, which is moved aside. Bytes are given to `keep` first; where that rejects, nothing
   * happens. Throws as `commit` does, and what `keep` throws.
   */
  replace(text: string, signal: AbortSignal, keep: Keep): Promise<ReplaceResult>;
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
    replace: (text, signal, keep) => inTurn(() => repeat(signal, () => tryReplace(text, keep))),
    settle: () => displaced.settle(),
  };

  async function commitNow(edit: StateEdit, signal: AbortSignal, keep?: Keep): Promise<CommitResult> {
    return await repeat(signal, (tries) => tryOnce(edit, tries, keep));
  }

  /** Until no person saves in between. */
  async function repeat<T>(signal: AbortSignal, work: (tries: number) => Promise<T | undefined>): Promise<T> {
    for (let tries = 1; tries <= mostTries; tries++) {
      signal.throwIfAborted();
      const result = await work(tries);
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
    const isIn = await put(file, Buffer.from(edited), edit);
    return isIn ? { kind: 'written', text: edited, tries } : undefined;
  }

  async function tryReplace(text: string, keep: Keep): Promise<ReplaceResult | undefined> {
    const occupant = findOccupant(disk, path);
    const after = Buffer.from(text);
    if (occupant.kind !== 'file') return await place(occupant, after);
    const { bytes, real } = occupant;
    if (bytes.equals(after)) {
      if (folderOwed) await syncFolder(real);
      return { kind: 'unchanged' };
    }
    await keep(bytes);
    const stood = decodeText(bytes);
    // Only what stood there is replaced unmerged: a save into it that is found later is put aside (S5).
    const edit: StateEdit = (current) => (current === stood ? text : undefined);
    return (await put(occupant, after, edit)) ? { kind: 'file' } : undefined;
  }

  /** Replaces a file by what an edit made of it. @returns whether it is in place: a person may have saved meanwhile */
  async function put(
    { real, bytes: before }: { readonly real: string; readonly bytes: Buffer },
    after: Buffer,
    edit: StateEdit,
  ): Promise<boolean> {
    const replaced = await replaceFile(disk, probe, { path, real, before, after });
    if (replaced.kind === 'changed') return false;
    if (replaced.displaced === undefined) noteMissingLinks();
    displaced.written({ real, before, after, kept: replaced.displaced, edit });
    await syncFolder(real);
    return true;
  }

  async function place(
    occupant: Exclude<Occupant, { kind: 'file' }>,
    after: Buffer,
  ): Promise<ReplaceResult | undefined> {
    const { kind, real, aside } = await placeFile(disk, probe, { path, occupant, after, now: clock.now() });
    if (kind === 'changed') return undefined;
    // What was saved into a file that we displaced before this one went belongs to no version that is left.
    displaced.written({ real, before: nothing, after, kept: undefined, edit: () => undefined });
    await syncFolder(real);
    return aside === undefined ? { kind: 'nothing' } : { kind: 'aside', path: aside };
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

const nothing = Buffer.alloc(0);
