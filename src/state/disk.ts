import {
  chmodSync,
  chownSync,
  constants,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { open } from 'node:fs/promises';

/** Which file a path leads to, and how it is kept. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The few effects a safe replacement of a file is made of, as an argument, so that tests can make a disk that is full,
 * read-only or forgets what was not synced. What must not be interrupted between comparing and renaming is synchronous.
 * Every function throws what node throws.
 */
export interface Disk {
  /** The path with all symbolic links followed. */
  resolve(path: string): string;
  /** Whether a name is that of a symbolic link; nothing under it is none. */
  isLink(path: string): boolean;
  /** Where a symbolic link says that it leads, one step. */
  readLink(path: string): string;
  read(path: string): Buffer;
  identify(path: string): FileIdentity;
  list(folder: string): readonly string[];
  /** Writes a file that must not exist yet. */
  create(path: string, bytes: Buffer): Promise<void>;
  /** Gives a file the mode and, where we are allowed to, the owner of another. */
  dress(path: string, like: FileIdentity): void;
  /** Makes sure that what was written to a file survives a loss of power. */
  syncFile(path: string): Promise<void>;
  /** The same for the names in a folder. Does nothing where folders cannot be synced. */
  syncFolder(folder: string): Promise<void>;
  link(path: string, another: string): void;
  rename(from: string, to: string): void;
  /** No error when there is none. */
  remove(path: string): void;
}

export const realDisk: Disk = {
  resolve: (path) => realpathSync(path),
  isLink: (path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true,
  readLink: (path) => readlinkSync(path),
  // A pipe in the place of a file would be waited for, and nothing else heard.
  read: (path) => readFileSync(path, { flag: constants.O_RDONLY | constants.O_NONBLOCK }),
  identify(path) {
    const found = statSync(path, { bigint: true });
    return {
      device: found.dev,
      inode: found.ino,
      mode: Number(found.mode) & 0o7777,
      uid: Number(found.uid),
      gid: Number(found.gid),
    };
  },
  list: (folder) => readdirSync(folder),
  async create(path, bytes) {
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(bytes);
  },
  dress(path, like) {
    const own = statSync(path);
    if (own.uid !== like.uid || own.gid !== like.gid) whereAllowed(() => chownSync(path, like.uid, like.gid));
    whereAllowed(() => chmodSync(path, like.mode));
  },
  async syncFile(path) {
    await using file = await open(path, 'r+');
    await file.sync();
  },
  async syncFolder(folder) {
    try {
      await using handle = await open(folder, 'r');
      await handle.sync();
    } catch (error) {
      // Some network file systems and Windows have no such thing.
      if (!hasCode(error, 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EPERM')) throw error;
    }
  },
  link: (path, another) => linkSync(path, another),
  rename: (from, to) => renameSync(from, to),
  remove: (path) => rmSync(path, { force: true }),
};

/** Only root may give a file away, and some file systems keep no owners or modes: the file is ours then. */
function whereAllowed(effect: () => void): void {
  try {
    effect();
  } catch (error) {
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) throw error;
  }
}

/** Whether a throw is a system error with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
