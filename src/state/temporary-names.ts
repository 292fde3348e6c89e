import { basename, dirname, join } from 'node:path';

/** The file a replacement is written to before it takes the place of `real`. */
export function replacementPath(real: string): string {
  return join(dirname(real), `.${basename(real)}.new.tmp`);
}

/**
 * Where the file that was displaced from `real` is kept until it was looked at again. The name tells when its replacement
 * was written: a kept file that was modified later than that holds a person's save.
 */
export function displacedPath(real: string, writtenNs: bigint): string {
  return join(dirname(real), `.${basename(real)}.old-${writtenNs}.tmp`);
}

export function isReplacement(name: string, real: string): boolean {
  return name === basename(replacementPath(real));
}

/** When the replacement of a displaced file was written, in nanoseconds; undefined when the name is not of one. */
export function replacedAtNs(name: string, real: string): bigint | undefined {
  const start = `.${basename(real)}.old-`;
  const digits = /^(\d+)\.tmp$/.exec(name.startsWith(start) ? name.slice(start.length) : '')?.[1];
  return digits === undefined ? undefined : BigInt(digits);
}

/** A name beside `real` for a person's save that could not be merged; `now` in milliseconds since 1970. */
export function asidePath(real: string, now: number): string {
  return `${real}.aside-${new Date(now).toISOString().replaceAll(/[-:]/g, '').slice(0, 19)}`;
}
