import { dirname, resolve } from 'node:path';
import { diskError } from './disk-error.ts';
import { hasCode, type Disk } from './disk.ts';

/** What stands under the name of the state file. */
export type Occupant =
  | { readonly kind: 'file'; readonly real: string; readonly bytes: Buffer }
  /** `real` is where one can be made: at the end of the link, when the name is that of a link to no file. */
  | { readonly kind: 'nothing'; readonly real: string }
  /** A folder, a link that leads nowhere, or a file that may not be read: it has to be moved away. */
  | { readonly kind: 'obstacle' };

/** Looks at what is to be replaced as a whole. @throws StateError when it cannot be read, or its folder is not there */
export function findOccupant(disk: Disk, path: string): Occupant {
  try {
    return findFile(disk, path) ?? findPlace(disk, path);
  } catch (error) {
    throw diskError(path, error);
  }
}

function findFile(disk: Disk, path: string): Occupant | undefined {
  try {
    const real = disk.resolve(path);
    return { kind: 'file', real, bytes: disk.read(real) };
  } catch (error) {
    if (hasCode(error, 'EISDIR', 'EACCES', 'EPERM')) return { kind: 'obstacle' };
    if (hasCode(error, ...nowhere)) return undefined;
    throw error;
  }
}

/** What a path that leads nowhere fails with. */
const nowhere = ['ENOENT', 'ENOTDIR', 'ELOOP'] as const;
// The system itself follows about as many.
const mostLinks = 40;

function findPlace(disk: Disk, path: string): Occupant {
  let real = path;
  for (let links = 0; links < mostLinks; links += 1) {
    const folder = folderOf(disk, real, path);
    if (folder === undefined) break;
    if (!disk.isLink(real)) return { kind: 'nothing', real };
    real = resolve(folder, disk.readLink(real));
  }
  return { kind: 'obstacle' };
}

/** The folder a name stands in, itself with no links in it; undefined when a link leads where there is none. */
function folderOf(disk: Disk, name: string, path: string): string | undefined {
  try {
    const folder = disk.resolve(dirname(name));
    disk.list(folder);
    return folder;
  } catch (error) {
    // The folder of the state file itself: then there is nowhere to put anything.
    if (name === path || !hasCode(error, ...nowhere)) throw error;
    return undefined;
  }
}
