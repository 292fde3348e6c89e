import { decodeText } from '../decode.ts';
import type { Disk } from '../disk.ts';
import type { Generation } from './names.ts';

/** The text of a kept version; undefined when it is no text any more, or not there. */
export function readGeneration(disk: Pick<Disk, 'read'>, { path }: Generation): string | undefined {
  try {
    return decodeText(disk.read(path));
  } catch {
    return undefined;
  }
}
