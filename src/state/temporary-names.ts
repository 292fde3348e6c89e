import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

/** The file a replacement is written to before it takes the place of `real`. */
export function replacementPath(real: string): string {
  return join(dirname(real), `.${basename(real)}.new.tmp`);
}

/** What a displaced file held when it was displaced, and what took its place, as digests. */
export interface Displacement {
  readonly before: string;
  readonly after: string;
}

/**
 * Where the file that was displaced from `real` is kept until it was looked at again. The name tells what it held, so that
 * a person's save into it is known whatever the clock of the file system says. `apart` tells equal displacements apart.
 */
export function displacedPath(real: string, { before, after }: Displacement, apart = 0): string {
  const mark = apart === 0 ? '' : `-${apart}`;
  return join(dirname(real), `.${basename(real)}.old-${before}-${after}${mark}.tmp`);
}

/** A file's content in 16 letters. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

export function isReplacement(name: string, real: string): boolean {
  return name === basename(replacementPath(real));
}

/** What the name of a displaced file tells; undefined when the name is not of one. */
export function displacementOf(name: string, real: string): Displacement | undefined {
  const start = `.${basename(real)}.old-`;
  const rest = name.startsWith(start) ? name.slice(start.length) : '';
  const [, before, after] = /^([0-9a-f]{16})-([0-9a-f]{16})(?:-\d+)?\.tmp$/.exec(rest) ?? [];
  return before === undefined || after === undefined ? undefined : { before, after };
}

/**
 * A name beside `real` for a person's save that could not be merged, other than those `taken`; `now` in milliseconds
 * since 1970.
 */
export function asidePath(taken: readonly string[], real: string, now: number): string {
  const path = `${real}.aside-${new Date(now).toISOString().replaceAll(/[-:]/g, '').slice(0, 19)}`;
  let free = path;
  for (let another = 2; taken.includes(basename(free)); another++) free = `${path}-${another}`;
  return free;
}
