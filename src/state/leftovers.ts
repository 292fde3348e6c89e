import { dirname, join } from 'node:path';
import type { Emit } from '../model/events.ts';
import { decodeText } from './decode.ts';
import { diskError } from './disk-error.ts';
import { hasCode, realDisk, type Disk } from './disk.ts';
import { asidePath, digestOf, type Displacement, displacementOf, isReplacement } from './temporary-names.ts';

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
    const displaced: Left[] = [];
    for (const name of disk.list(folder).toSorted()) {
      const displacement = displacementOf(name, real);
      if (isReplacement(name, real)) disk.remove(join(folder, name));
      else if (displacement) displaced.push({ file: join(folder, name), ...displacement });
    }
    for (const left of displaced) restore(disk, left, displaced, real, options);
    await disk.syncFolder(folder);
  } catch (error) {
    // No state file yet, a link that leads nowhere or a folder in its place: what was left there waits until there is one.
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR')) return;
    throw diskError(path, error);
  }
}

interface Left extends Displacement {
  readonly file: string;
}

function restore(
  disk: Disk,
  { file, before, after }: Left,
  all: readonly Displacement[],
  real: string,
  { isWhole, now, emit }: LeftoverOptions,
): void {
  const kept = disk.identify(file);
  const current = disk.identify(real);
  const bytes = disk.read(file);
  const inPlace = disk.read(real);
  // A process killed between link and rename leaves a second name of the state file itself.
  const isCurrent = kept.inode === current.inode && kept.device === current.device;
  const saved = !isCurrent && digestOf(bytes) !== before && !bytes.equals(inPlace);
  if (!saved) return disk.remove(file);

  const text = decodeText(bytes);
  const newest = isOurs(digestOf(inPlace), after, all) && text !== undefined && isWhole(text);
  const place = newest ? real : asidePath(disk.list(dirname(real)), real, now);
  disk.rename(file, place);
  const message = newest
    ? `${real}: what was saved while the last process was killed is back in place`
    : `${real}: a save made while the last process was killed could not be merged; it is in ${place}`;
  emit({ type: 'notice', level: 'warn', topic: 'state', message });
}

/** Whether all that stands in the state file since `after` took its place was written by us, and can be written again. */
function isOurs(inPlace: string, after: string, all: readonly Displacement[]): boolean {
  const reached = new Set([after]);
  // A set is walked to its end also while it grows.
  for (const digest of reached) {
    for (const next of all) if (next.before === digest) reached.add(next.after);
  }
  return reached.has(inPlace);
}
