import { statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { codeOf } from './failure.ts';

/** The lock of a state folder, until it is released or the process ends, however that ends. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes the lock of a state folder: SQLite's own lock (S18), on the empty file `sluice.lock` beside the database. The
 * database is locked too, but that lock ends where the file does: a damaged file cannot be locked at all, and moving one
 * aside or making one anew must not let a second process in.
 * @throws what SQLite throws: busy when another process holds it
 */
export function lockFolder(folder: string): FolderLock {
  const path = join(folder, 'sluice.lock');
  try {
    return hold(path);
  } catch (error) {
    // Somebody wrote into it. Who holds it would have kept us out before SQLite looked inside.
    if (codeOf(error) !== 'not a database' || statSync(path).size === 0) throw error;
    truncateSync(path);
    return hold(path);
  }
}

function hold(path: string): FolderLock {
  const handle = new DatabaseSync(path);
  try {
    // Never committed, so that nothing is ever written, and without a journal file.
    handle.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    handle.close();
    throw error;
  }
  return { release: () => handle.close() };
}
