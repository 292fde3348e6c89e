import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Probe } from '../model/probe.ts';

/** What SQLite keeps beside a database. */
export const companions = ['-wal', '-shm', '-journal'] as const;

/**
 * Copies a damaged database with all that belongs to it to `sluice.db.damaged-<UTC time>`, durably. Copies: closing a
 * database writes to it, and what is kept shall be what was found.
 * @param now epoch milliseconds
 * @returns the path of the copy
 */
export function putAside(path: string, now: number, probe: Probe): string {
  const folder = dirname(path);
  const aside = freeName(`${path}.damaged-${stamp(now)}`);
  probe('store.aside.before');
  try {
    for (const end of ['', ...companions]) {
      // An empty companion is our own: SQLite makes it when it opens the file.
      const size = statSync(path + end, { throwIfNoEntry: false })?.size;
      if (size === undefined || (size === 0 && end !== '')) continue;
      copyFileSync(path + end, aside + end, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      sync(aside + end);
    }
    sync(folder);
  } catch (error) {
    for (const end of ['', ...companions]) rmSync(aside + end, { force: true });
    throw error;
  }
  probe('store.aside.after');
  return aside;
}

/** The damaged databases that lie in a state folder, the oldest first: names, and epoch milliseconds of when they were put aside. */
export function listAside(folder: string): readonly { readonly name: string; readonly at: number }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => ({ name, at: timeOf(name) }))
    .filter(({ at }) => !Number.isNaN(at))
    .toSorted((one, other) => one.at - other.at || (one.name < other.name ? -1 : 1));
}

/** Makes a file's content, or the names in a folder, survive a loss of power. */
export function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** `2026-11-21T105116Z`: no colons, which some file systems do not take. */
function stamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(':', '')}Z`;
}

function timeOf(name: string): number {
  const found = /^sluice\.db\.damaged-(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)(\d\d)Z(?:\.\d+)?$/.exec(name);
  return found ? Date.parse(`${found[1]}T${found[2]}:${found[3]}:${found[4]}Z`) : Number.NaN;
}

function freeName(wanted: string): string {
  const taken = new Set(readdirSync(dirname(wanted)));
  let name = basename(wanted);
  // The companions too: what is left of an aside that a person removed must not be taken for this one's.
  const isTaken = (): boolean => ['', ...companions].some((end) => taken.has(name + end));
  for (let number = 2; isTaken(); number += 1) name = `${basename(wanted)}.${number}`;
  return join(dirname(wanted), name);
}
