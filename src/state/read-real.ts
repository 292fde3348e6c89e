import { diskError } from './disk-error.ts';
import { hasCode, type Disk } from './disk.ts';

/** The file at the end of a path and its content; undefined when it is not there. Throws StateError. */
export function readReal(
  disk: Disk,
  path: string,
): { readonly real: string; readonly bytes: Buffer } | undefined {
  try {
    const real = disk.resolve(path);
    return { real, bytes: disk.read(real) };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw diskError(path, error);
  }
}
