import { basename, dirname } from 'node:path';
import type { Disk, FileIdentity } from '../../src/state/disk.ts';

interface Inode {
  readonly number: bigint;
  content: Buffer;
  /** What a loss of power leaves; undefined when nothing was synced yet. */
  durable: Buffer | undefined;
}

export interface ForgetfulDisk extends Disk {
  /** What `path` holds after a loss of power now: names that were not synced may or may not be there. */
  afterPowerLoss(path: string): readonly (string | undefined)[];
}

/** A disk of one folder, in memory, that keeps nothing but what was synced: the worst a real one may do. */
export function forgetfulDisk(path: string, content: string): ForgetfulDisk {
  let last = 0n;
  const inode = (bytes: Buffer): Inode => {
    last++;
    return { number: last, content: bytes, durable: undefined };
  };
  const first = inode(Buffer.from(content));
  first.durable = first.content;
  const names = new Map([[basename(path), first]]);
  let durableNames = new Map(names);

  const find = (name: string): Inode => {
    const found = names.get(basename(name));
    if (!found) throw Object.assign(new Error(`ENOENT: ${name}`), { code: 'ENOENT' });
    return found;
  };

  return {
    resolve: (name) => (name === dirname(path) ? name : find(name) && name),
    isLink: () => false,
    readLink: (name) => name,
    read: (name) => find(name).content,
    identify: (name) => identity(name === dirname(path) ? first : find(name)),
    list: () => [...names.keys()],
    async create(name, bytes) {
      if (names.has(basename(name))) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
      names.set(basename(name), inode(bytes));
    },
    dress: () => {},
    async syncFile(name) {
      const found = find(name);
      found.durable = found.content;
    },
    async syncFolder(folder) {
      if (folder === dirname(path)) durableNames = new Map(names);
    },
    link(name, another) {
      if (names.has(basename(another))) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
      names.set(basename(another), find(name));
    },
    rename(from, to) {
      names.set(basename(to), find(from));
      names.delete(basename(from));
    },
    remove: (name) => void names.delete(basename(name)),
    afterPowerLoss(name) {
      const candidates = [durableNames.get(basename(name)), names.get(basename(name))];
      // A name that reached the disk before the bytes it leads to is an empty file.
      return candidates.map((found) => found && (found.durable ?? '').toString());
    },
  };
}

function identity(found: Inode): FileIdentity {
  return { device: 1n, inode: found.number, mode: 0o644, uid: 0, gid: 0 };
}
