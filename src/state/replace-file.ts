import { basename, dirname } from 'node:path';
import type { Probe } from '../model/probe.ts';
import { diskError } from './disk-error.ts';
import { hasCode, type Disk } from './disk.ts';
import { digestOf, type Displacement, displacedPath, replacementPath } from './temporary-names.ts';

export interface Replacement {
  /** As the user named it; may be a symbolic link, which stays one. */
  readonly path: string;
  /** The file that `path` led to when it was read, and what it held. */
  readonly real: string;
  readonly before: Buffer;
  readonly after: Buffer;
}

export type Replaced =
  | { readonly kind: 'changed' }
  | { readonly kind: 'replaced'; readonly displaced: string | undefined };

/**
 * Puts `after` in the place of a file that holds `before`, so that at every instant, a loss of power included, the name
 * leads to one of the two whole (invariant 3, S5). `changed`: the file is not what was read any more; nothing happened.
 * The folder is NOT synced yet. Throws StateError, with nothing changed and nothing left behind.
 */
export async function replaceFile(disk: Disk, probe: Probe, replacement: Replacement): Promise<Replaced> {
  const { path, real, before, after } = replacement;
  const temporary = replacementPath(real);
  const digests = { before: digestOf(before), after: digestOf(after) };
  let displaced: string | undefined;
  try {
    disk.remove(temporary);
    probe('state.create.before');
    await disk.create(temporary, after);
    disk.dress(temporary, disk.identify(real));
    probe('state.create.after');
    await disk.syncFile(temporary);
    probe('state.sync.after');

    // Invariant 5: from here to the rename nothing may wait: a person's save in between would be displaced unseen.
    displaced = keepByLink(disk, real, digests);
    probe('state.link.after');
    if (!isStill(disk, path, real, before, displaced)) {
      discard(disk, temporary, displaced);
      return { kind: 'changed' };
    }
    probe('state.compare.after');
    disk.rename(temporary, real);
    probe('state.rename.after');
    return { kind: 'replaced', displaced };
  } catch (error) {
    discard(disk, temporary, displaced);
    if (isGone(disk, real)) return { kind: 'changed' };
    throw diskError(path, error);
  }
}

/** An editor that renames the old file before it writes the new one leaves none for a moment; the folder is there. */
function isGone(disk: Disk, real: string): boolean {
  try {
    return !disk.list(dirname(real)).includes(basename(real));
  } catch {
    return false;
  }
}

/** Makes the new name survive a loss of power. Throws StateError. */
export async function syncReplaced(disk: Disk, probe: Probe, real: string): Promise<void> {
  probe('state.folder.before');
  try {
    await disk.syncFolder(dirname(real));
  } catch (error) {
    throw diskError(real, error);
  }
  probe('state.folder.after');
}

/** Undefined where the file system knows no hard links: a save into the old file then goes unseen. */
function keepByLink(disk: Disk, real: string, digests: Displacement): string | undefined {
  // The same change may have been made within the last 2 s.
  for (let apart = 0; apart < 100; apart++) {
    const displaced = displacedPath(real, digests, apart);
    try {
      disk.link(real, displaced);
      return displaced;
    } catch (error) {
      if (hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) return undefined;
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
  return undefined;
}

/** Reads by the link, so that a rename after it is noticed by the name leading elsewhere. */
function isStill(
  disk: Disk,
  path: string,
  real: string,
  before: Buffer,
  displaced: string | undefined,
): boolean {
  try {
    if (!disk.read(displaced ?? real).equals(before)) return false;
    if (disk.resolve(path) !== real) return false;
    if (displaced === undefined) return true;
    const now = disk.identify(real);
    const kept = disk.identify(displaced);
    return now.inode === kept.inode && now.device === kept.device;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

function discard(disk: Disk, ...paths: readonly (string | undefined)[]): void {
  for (const path of paths) {
    try {
      if (path !== undefined) disk.remove(path);
    } catch {
      // The disk that refused the write may refuse this too; leftovers are cleaned at the next start.
    }
  }
}
