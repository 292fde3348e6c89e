import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Probe } from '../model/probe.ts';
import { companions, sync } from './aside.ts';
import { migrate } from './migrate.ts';

/**
 * Puts a new database in the place of `path`, whole or not at all, and with `fill` done: an empty or half-made file can
 * therefore never be ours.
 */
export function makeDatabase(path: string, fill: (handle: DatabaseSync) => void, probe: Probe): void {
  const fresh = `${path}.new`;
  removeDatabase(fresh);
  const handle = new DatabaseSync(fresh);
  try {
    handle.exec('PRAGMA synchronous = FULL');
    migrate(handle, fresh);
    fill(handle);
  } finally {
    handle.close();
  }
  probe('store.replace.before');
  // Before the rename: SQLite would take the old log for the new file's.
  for (const end of companions) rmSync(path + end, { force: true });
  probe('store.replace.rename');
  renameSync(fresh, path);
  sync(dirname(path));
  probe('store.replace.after');
}

/** A database of our own making that nobody needs any more. */
export function removeDatabase(path: string): void {
  for (const end of ['', ...companions]) if (existsSync(path + end)) rmSync(path + end);
}
