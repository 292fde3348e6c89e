import type { Clock } from '../model/clock.ts';
import { asSluiceError, isAbort } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import type { CommitResult, StateEdit } from './commit-result.ts';
import { decodeText } from './decode.ts';
import { hasCode, type Disk } from './disk.ts';
import { readReal } from './read-real.ts';
import type { Probe } from './replace-file.ts';
import { asidePath } from './temporary-names.ts';

// S5. An editor that had opened the file before our rename writes into it well within this.
const lookAfterMs = 2000;
// A save that is still half there after these looks is put aside for a person.
const mostLooks = 5;

interface Kept {
  readonly file: string;
  readonly before: Buffer;
  /** What we wrote since it was displaced, to be done again on top of a save into it. */
  readonly edits: StateEdit[];
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

  function written({ before, after, kept, edit }: Written): void {
    ours = after;
    if (kept !== undefined) {
      const entry: Kept = { file: kept, before, edits: [], looks: 0, told: false };
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
      if (!entry.told) {
        tell(
          'warn',
          `what was saved into the old ${path} waits in ${entry.file}: ${asSluiceError(error).message}`,
        );
      }
      entry.told = true;
      if (!hurried.aborted) lookLater(entry);
    }
  }

  async function inspect(entry: Kept, hurried: boolean): Promise<void> {
    probe('state.look.before');
    const theirs = readKept(entry.file);
    if (theirs === undefined || theirs.equals(entry.before)) return drop(entry);
    const merged = redo(theirs, entry.edits);
    entry.looks++;
    if (merged === undefined && !hurried && entry.looks < mostLooks) return lookLater(entry);

    const current = readReal(disk, path);
    if (
      current?.bytes.equals(theirs) ||
      (merged !== undefined && current?.bytes.equals(Buffer.from(merged)))
    ) {
      return drop(entry);
    }
    const untouched = current !== undefined && ours !== undefined && current.bytes.equals(ours);
    if (merged === undefined || !untouched) return setAside(entry, current?.real ?? path);

    const expected = decodeText(current.bytes);
    const result = await commit(
      (text) => (text === expected ? merged : undefined),
      AbortSignal.timeout(10_000),
    );
    if (result.kind !== 'written') return setAside(entry, current.real);
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

  function drop(entry: Kept): void {
    waiting.delete(entry);
    disk.remove(entry.file);
  }

  function setAside(entry: Kept, real: string): void {
    waiting.delete(entry);
    const aside = asidePath(real, clock.now());
    disk.rename(entry.file, aside);
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
