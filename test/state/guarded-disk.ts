import type { Disk } from '../../src/state/disk.ts';

/** A disk that asks before each of its effects; what the guard throws, the effect throws. */
export function guardedDisk(disk: Disk, guard: (effect: keyof Disk) => void): Disk {
  return {
    resolve(path) {
      guard('resolve');
      return disk.resolve(path);
    },
    isLink(path) {
      guard('isLink');
      return disk.isLink(path);
    },
    readLink(path) {
      guard('readLink');
      return disk.readLink(path);
    },
    read(path) {
      guard('read');
      return disk.read(path);
    },
    identify(path) {
      guard('identify');
      return disk.identify(path);
    },
    list(folder) {
      guard('list');
      return disk.list(folder);
    },
    async create(path, bytes) {
      guard('create');
      await disk.create(path, bytes);
    },
    dress(path, like) {
      guard('dress');
      disk.dress(path, like);
    },
    async syncFile(path) {
      guard('syncFile');
      await disk.syncFile(path);
    },
    async syncFolder(folder) {
      guard('syncFolder');
      await disk.syncFolder(folder);
    },
    link(path, another) {
      guard('link');
      disk.link(path, another);
    },
    rename(from, to) {
      guard('rename');
      disk.rename(from, to);
    },
    remove(path) {
      guard('remove');
      disk.remove(path);
    },
  };
}
