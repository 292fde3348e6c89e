import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LockedError, StateError } from '../model/errors.ts';
import { forgetHolder, nameHolder, readHolder } from './holder.ts';
import { migrate } from './migrate.ts';

/** The database of a state folder, held by this process alone until it is closed or the process ends (S18). */
export interface Database {
  readonly handle: DatabaseSync;
  readonly path: string;
  close(): void;
}

export interface OpenOptions {
  /** The state folder; must exist. */
  readonly folder: string;
  /** What holds the folder, for the message that a second process gets: `go`, `status` ... */
  readonly command: string;
  /** How long to wait for another holder, in milliseconds. */
  readonly waitMs: number;
  readonly pid: number;
  readonly now: number;
}

/**
 * Opens `sluice.db`, takes the lock of the state folder and brings the schema up to date.
 * The lock is SQLite's own: it ends with the process, however that ends (S18).
 * @throws LockedError when another process still holds the folder after `waitMs`
 * @throws StateError when the database cannot be used
 */
export function openDatabase(options: OpenOptions): Database {
  const path = join(options.folder, 'sluice.db');
  const handle = take(path, options);
  const { folder, command, pid, now } = options;
  nameHolder(folder, { pid, host: hostname(), since: now, command });
  return {
    handle,
    path,
    close() {
      // In this order: once the lock is free the word is the next holder's.
      forgetHolder(folder);
      handle.close();
    },
  };
}

function take(path: string, { folder, waitMs }: OpenOptions): DatabaseSync {
  let handle: DatabaseSync | undefined;
  try {
    handle = new DatabaseSync(path, { timeout: waitMs });
    // Order matters: exclusive before WAL keeps the lock from the first access on and needs no shared memory.
    handle.exec('PRAGMA locking_mode = EXCLUSIVE');
    handle.exec('PRAGMA journal_mode = WAL');
    // Invariant 3: a commit is on the disk before anything builds on it.
    handle.exec('PRAGMA synchronous = FULL');
    handle.exec('BEGIN EXCLUSIVE; COMMIT');
    checkPages(handle);
    migrate(handle, path);
    return handle;
  } catch (error) {
    handle?.close();
    if (error instanceof StateError) throw error;
    throw isBusy(error) ? lockedBy(folder) : unusable(path, error);
  }
}

/** A damaged page would come up in the middle of a run otherwise. Half a millisecond for a megabyte. */
function checkPages(handle: DatabaseSync): void {
  const found = handle.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (found !== 'ok') throw new Error(String(found).replaceAll(/\s+/g, ' '));
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (error.errcode === 5 || error.errcode === 6);
}

function lockedBy(folder: string): LockedError {
  const holder = readHolder(folder);
  const who = holder
    ? `by sluice ${holder.command}, process ${holder.pid} on ${holder.host}, since ${new Date(holder.since).toISOString()}`
    : 'by another process';
  return new LockedError(
    `the state folder ${folder} is held ${who}`,
    `stop it with: touch ${join(folder, 'controller.quit')}, or name another folder with --state`,
  );
}

/** What to tell when the database cannot be used, and what to do then. */
export function unusable(path: string, cause: unknown): StateError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StateError(`${path} cannot be used: ${reason}`, {
    code: 'store.unusable',
    recovery: 'config',
    hint: 'check that the folder can be written; if the file is damaged, move it aside: state.json keeps every cursor, and unfinished runs start over',
    cause,
  });
}
