import { dirname, join } from 'node:path';
import type { Disk } from '../disk.ts';
import { type Generation, generationFile } from './names.ts';
import { nextRoomStep, type Worth } from './room.ts';
import { isOwnProgress } from './own-progress.ts';
import { readGeneration } from './read.ts';

/**
 * Removes kept versions until there are no more than 50 (S5): what a person has no use for first. A version is compared
 * with the one after it once: its name tells what was found. What the disk refuses to remove is in nobody's way, and is
 * tried again by the next one. Never throws.
 * @param versions all of them, the newest first
 */
export function makeRoom(disk: Disk, versions: readonly Generation[]): void {
  const left = versions.map((version) => ({ version, worth: worthOf(version) }));
  for (;;) {
    const step = nextRoomStep(left.map(({ worth }) => worth));
    if (step.kind === 'enough') return;
    const { place } = step;
    const [newer, older] = [left[place - 1], left[place]];
    if (!newer || !older) return;
    if (step.kind === 'drop') {
      drop(disk, older.version);
      left.splice(place, 1);
    } else if (isMissed(disk, older.version, newer.version)) {
      left[place] = { version: mark(disk, older.version), worth: 'person' };
    } else older.worth = 'ours';
  }
}

function worthOf({ reason, edited }: Generation): Worth {
  return reason.by === 'run' && edited !== true ? 'unknown' : 'person';
}

/** Whether a person has changed something between the two, or may have. */
function isMissed(disk: Disk, older: Generation, newer: Generation): boolean {
  const [before, after] = [readGeneration(disk, older), readGeneration(disk, newer)];
  return before === undefined || after === undefined || !isOwnProgress(before, after);
}

function mark(disk: Disk, version: Generation): Generation {
  const path = join(dirname(version.path), generationFile({ ...version, edited: true }));
  try {
    disk.rename(version.path, path);
    return { ...version, edited: true, path };
  } catch {
    return version;
  }
}

function drop(disk: Disk, { path }: Generation): void {
  try {
    disk.remove(path);
  } catch {
    // A folder of that name, or a disk that refuses.
  }
}
