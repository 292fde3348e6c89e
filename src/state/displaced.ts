import { dirname } from 'node:path';
import type { Clock } from '../model/clock.ts';
import { asSluiceError, isAbort } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import type { Probe } from '../model/probe.ts';
import type { CommitResult, StateEdit } from './commit-result.ts';
import { decodeText } from './decode.ts';
import { hasCode, type Disk } from './disk.ts';
import { readReal } from './read-real.ts';
import { asidePath } from './temporary-names.ts';

// S5. An editor that had opened the file before our rename writes into it well within this.
const lookAfterMs = 2000;
// A save that is still half there after these looks is put aside for a person.
const mostLooks = 5;

interface Kept {
  readonly file: string;
  /** The file it was displaced from. */
  readonly real: string;
  readonly before: Buffer;
  /** What we wrote since it was displaced, to be done again on top of a save into it. */
  readonly edits: StateEdit[];
  /** A person has saved the new file since, and we wrote on top of that: what is in place is not ours alone. */
  overtaken: boolean;
  /** Somebody saved into it: it must not go before that is merged or put aside. */
  saved: boolean;
  looks: number;
  told: boolean;
}

export interface DisplacedOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly disk: Disk;
  readonly probe: Probe;
  readonly inTurn: <T>(task: () => Promise<T>) => Promise<T>;
  /** Commits at once; called only inside a turn. */
  readonly commit: (edit: StateEdit, signal: AbortSignal) => Promise<CommitResult>;
}

/** A replacement that happened: `kept` is the link to the file that was displaced. */
export interface Written {
  readonly real: string;
  readonly before: Buffer;
  readonly after: Buffer;
  readonly kept: string | undefined;
  readonly edit: StateEdit;
}

/**
 * Looks again, 2 s later, at the files our renames displaced: one that changed since holds what a person saved through an
 * editor that still had the old file open, and is merged into the state file (S5, invariant 5).
 */
export function createDisplaced(options: DisplacedOptions) {
  const { path, clock, emit, disk, probe, inTurn, commit } = options;
  const waiting = new Set<Kept>();
  const looks = new Set<Promise<void>>();
  let ours: Buffer | undefined;
  let hurry = new AbortController();

  return { written, settle };

  function written({ real, before, after, kept, edit }: Written): void {
    if (ours?.equals(before) !== true) for (const entry of waiting) entry.overtaken = true;
    ours = after;
    if (kept !== undefined) {
      const fresh = { overtaken: false, saved: false, looks: 0, told: false };
      const entry: Kept = { file: kept, real, before, edits: [], ...fresh };
      waiting.add(entry);
      lookLater(entry);
    }
    for (const entry of waiting) entry.edits.push(edit);
  }

  async function settle(): Promise<void> {
    hurry.abort();
    // A look that merges makes a commit, which displaces a file in turn.
    while (looks.size > 0) await Promise.all(looks);
    hurry = new AbortController();
  }

  function lookLater(entry: Kept): void {
    const look = waitAndLook(entry, hurry.signal).finally(() => looks.delete(look));
    looks.add(look);
  }

  async function waitAndLook(entry: Kept, hurried: AbortSignal): Promise<void> {
    try {
      await clock.sleep(lookAfterMs, hurried);
    } catch (error) {
      if (!isAbort(error)) throw error;
    }
    try {
      await inTurn(() => inspect(entry, hurried.aborted));
    } catch (error) {
      // Nobody waits for a look, so it tells, once. The file stays: for the next look, or for the next start.
      if (entry.saved && !entry.told) {
        entry.told = true;
        tell(
          'warn',
          `what was saved into the old ${path} waits in ${entry.file}: ${asSluiceError(error).message}`,
        );
      }
      if (!hurried.aborted) lookLater(entry);
    }
  }

  async function inspect(entry: Kept, hurried: boolean): Promise<void> {
    probe('state.look.before');
    const theirs = readKept(entry.file);
    if (theirs === undefined && !hasFolder(entry)) return hurried ? undefined : lookLater(entry);
    if (theirs === undefined || theirs.equals(entry.before)) return drop(entry);
    entry.saved = true;
    const merged = redo(theirs, entry.edits);
    entry.looks++;
    if (merged === undefined && !hurried && entry.looks < mostLooks) return lookLater(entry);

    const current = readReal(disk, path)?.bytes;
    if (current?.equals(theirs) || (merged !== undefined && current?.equals(Buffer.from(merged)))) {
      return drop(entry);
    }
    const untouched = !entry.overtaken && current !== undefined && ours?.equals(current) === true;
    if (merged === undefined || !untouched) return setAside(entry);

    const expected = decodeText(current);
    const result = await commit(
      (text) => (text === expected ? merged : undefined),
      AbortSignal.timeout(10_000),
    );
    if (result.kind !== 'written') return setAside(entry);
    tell('info', `${path} was saved while it was being written: both are merged`);
    return drop(entry);
  }

  function readKept(file: string): Buffer | undefined {
    try {
      return disk.read(file);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** A folder that is away comes back with everything in it. */
  function hasFolder({ file }: Kept): boolean {
    try {
      disk.list(dirname(file));
      return true;
    } catch {
      return false;
    }
  }

  // Where the disk refuses, it goes on waiting, and what we write meanwhile is still noted down for it.
  function drop(entry: Kept): void {
    disk.remove(entry.file);
    waiting.delete(entry);
  }

  function setAside(entry: Kept): void {
    const aside = asidePath(disk.list(dirname(entry.real)), entry.real, clock.now());
    disk.rename(entry.file, aside);
    waiting.delete(entry);
    tell(
      'warn',
      `${path} was saved twice at the same time; the save that could not be merged is in ${aside}`,
    );
  }

  function tell(level: 'info' | 'warn', message: string): void {
    emit({ type: 'notice', level, topic: 'state', message });
  }
}

function redo(theirs: Buffer, edits: readonly StateEdit[]): string | undefined {
  let text = decodeText(theirs);
  for (const edit of edits) text = text === undefined ? undefined : edit(text);
  return text;
}
