import { dirname } from 'node:path';
import { StateError } from '../model/errors.ts';
import type { Probe } from '../model/probe.ts';
import { diskError } from './disk-error.ts';
import { hasCode, type Disk } from './disk.ts';
import { findOccupant, type Occupant } from './occupant.ts';
import { asidePath, replacementPath } from './temporary-names.ts';

export interface Placement {
  /** As the user named it. */
  readonly path: string;
  /** What was found there. */
  readonly occupant: Exclude<Occupant, { kind: 'file' }>;
  readonly after: Buffer;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface Placed {
  /** `changed`: something stands there now that did not, and was left alone. */
  readonly kind: 'placed' | 'changed';
  readonly real: string;
  /** Where what stood in the way is now. */
  readonly aside: string | undefined;
}

// What a state file is made with (S23); it holds no secrets, and its owner's editor must be able to write it.
const mode = 0o644;

/**
 * Makes the state file where there is none, so that the name leads to nothing or to all of `after`, a loss of power
 * included (invariant 3), and moves away what cannot be a file. The folder is NOT synced yet. Throws StateError, with
 * everything where it was.
 */
export async function placeFile(disk: Disk, probe: Probe, placement: Placement): Promise<Placed> {
  const { path, occupant, after, now } = placement;
  const real = occupant.kind === 'nothing' ? occupant.real : path;
  const temporary = replacementPath(real);
  let aside: string | undefined;
  try {
    disk.remove(temporary);
    probe('state.create.before');
    await disk.create(temporary, after);
    disk.dress(temporary, { ...disk.identify(dirname(real)), mode });
    probe('state.create.after');
    await disk.syncFile(temporary);
    probe('state.sync.after');

    // Invariant 5: from here to the end nothing may wait, and what a person puts there meanwhile stays.
    if (!isSame(findOccupant(disk, path), occupant)) return { kind: 'changed', real, aside };
    if (occupant.kind === 'obstacle') {
      const free = asidePath(disk.list(dirname(path)), path, now);
      disk.rename(path, free);
      aside = free;
    }
    probe('state.compare.after');
    const kind = takeName(disk, temporary, real) ? 'placed' : 'changed';
    probe('state.rename.after');
    return { kind, real, aside };
  } catch (error) {
    if (aside !== undefined) putBack(disk, aside, path);
    throw error instanceof StateError ? error : diskError(path, error);
  } finally {
    discard(disk, temporary);
  }
}

function isSame(now: Occupant, before: Placement['occupant']): boolean {
  if (now.kind === 'nothing' && before.kind === 'nothing') return now.real === before.real;
  return now.kind === before.kind;
}

/** A link is made only where nothing stands: unlike a rename, it leaves no instant for a save to be lost in. */
function takeName(disk: Disk, temporary: string, real: string): boolean {
  try {
    disk.link(temporary, real);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw error;
    disk.rename(temporary, real);
    return true;
  }
}

function putBack(disk: Disk, aside: string, path: string): void {
  try {
    disk.rename(aside, path);
  } catch {
    // It is whole where it is, and the next try finds nothing in the way.
  }
}

function discard(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch {
    // The disk that refused the write may refuse this too; leftovers are cleaned at the next start.
  }
}
