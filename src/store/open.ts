import { rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LockedError, StateError } from '../model/errors.ts';
import { readHolder, holderFile } from './holder.ts';
import { migrate } from './migrate.ts';

/** The database of a state folder, held by this process alone until it is closed or the process ends (S18). */
export interface Database {
  readonly handle: DatabaseSync;
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
  writeFileSync(
    join(options.folder, holderFile),
    `${JSON.stringify({ pid: options.pid, host: hostname(), since: options.now, command: options.command })}\n`,
  );
  return {
    handle,
    close() {
      rmSync(join(options.folder, holderFile), { force: true });
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
    migrate(handle, path);
    return handle;
  } catch (error) {
    handle?.close();
    if (error instanceof StateError) throw error;
    throw isBusy(error) ? lockedBy(folder) : unusable(path, error);
  }
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

function unusable(path: string, cause: unknown): StateError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StateError(`${path} cannot be used: ${reason}`, {
    code: 'store.unusable',
    recovery: 'config',
    hint: 'check that the folder can be written; if the file is damaged, move it aside: state.json keeps every cursor, and unfinished runs start over',
    cause,
  });
}
