import { dirname, join } from 'node:path';
import type { Emit } from '../model/events.ts';
import { decodeText } from './decode.ts';
import { diskError } from './disk-error.ts';
import { hasCode, realDisk, type Disk } from './disk.ts';
import { asidePath, isReplacement, replacedAtNs } from './temporary-names.ts';

export interface LeftoverOptions {
  /** The state file. */
  readonly path: string;
  /** Whether a text is a whole state file. */
  readonly isWhole: (text: string) => boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly emit: Emit;
  readonly disk?: Disk;
}

/**
 * Cleans up after a process that was killed in the middle of a commit; to be called at each start, under the lock,
 * before the state file is read. A displaced file that was written to after our rename is a person's save: it takes the
 * place of the state file, and the result of the run that it lacks comes back from `sluice.db` (S9). When the state file
 * was written since, or the save is only half there, it is put aside and told. Throws StateError when the folder cannot
 * be read or written.
 */
export async function clearLeftovers(options: LeftoverOptions): Promise<void> {
  const { path, disk = realDisk } = options;
  try {
    const real = disk.resolve(path);
    const folder = dirname(real);
    for (const name of disk.list(folder).toSorted()) {
      const writtenNs = replacedAtNs(name, real);
      if (isReplacement(name, real)) disk.remove(join(folder, name));
      else if (writtenNs !== undefined) restore(disk, join(folder, name), real, writtenNs, options);
    }
    await disk.syncFolder(folder);
  } catch (error) {
    // No state file yet, or a link that leads nowhere: nothing was ever displaced.
    if (hasCode(error, 'ENOENT')) return;
    throw diskError(path, error);
  }
}

function restore(
  disk: Disk,
  file: string,
  real: string,
  writtenNs: bigint,
  { isWhole, now, emit }: LeftoverOptions,
): void {
  const kept = disk.identify(file);
  const current = disk.identify(real);
  const bytes = disk.read(file);
  // A process killed between link and rename leaves a second name of the state file itself.
  const isCurrent = kept.inode === current.inode && kept.device === current.device;
  const saved = !isCurrent && kept.modifiedNs > writtenNs && !bytes.equals(disk.read(real));
  if (!saved) return disk.remove(file);

  const text = decodeText(bytes);
  const newest = kept.modifiedNs > current.modifiedNs && text !== undefined && isWhole(text);
  const place = newest ? real : asidePath(real, now);
  disk.rename(file, place);
  const message = newest
    ? `${real}: what was saved while the last process was killed is back in place`
    : `${real}: a save made while the last process was killed could not be merged; it is in ${place}`;
  emit({ type: 'notice', level: 'warn', topic: 'state', message });
}
