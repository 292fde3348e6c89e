import { existsSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LockedError } from '../model/errors.ts';
import type { Probe } from '../model/probe.ts';
import { putAside } from './aside.ts';
import { codeOf, Damage, isDamage, reasonOf, unusable } from './failure.ts';
import { makeDatabase } from './fresh.ts';
import { forgetHolder, nameHolder, readHolder } from './holder.ts';
import { lockFolder } from './lock.ts';
import { checkVersion, migrate } from './migrate.ts';
import { salvage, type Salvaged } from './salvage.ts';

/** The database of a state folder, held by this process alone until it is closed or the process ends (S18). */
export interface Database<T> {
  /** What `prove` made of it. */
  readonly tables: T;
  readonly handle: DatabaseSync;
  /** What had to be done before it could be opened. */
  readonly recovered: Recovery | undefined;
  close(): void;
}

/** Why a database is a new one. */
export type Recovery =
  /** There was none, as in a folder that is used for the first time. */
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'damaged';
      readonly reason: string;
      /** Where the old one was put, its path. */
      readonly aside: string;
      readonly salvaged: Salvaged;
    };

export interface OpenOptions {
  /** The state folder; must exist. */
  readonly folder: string;
  /** What holds the folder, for the message that a second process gets: `go`, `status` ... */
  readonly command: string;
  readonly pid: number;
  readonly now: number;
  /** Called around every commit: `store.entries`, `store.letters`, `store.run.begin` ..., each with `.before` and `.after` (S24). */
  readonly probe?: Probe | undefined;
}

/**
 * Takes the lock of the state folder, opens `sluice.db` and brings the schema up to date. A damaged database is put aside
 * and a new one made, whoever opens it: a look at it cannot leave it alone either, for SQLite writes when it closes.
 * @param prove reads what the program cannot do without; what it throws is damage
 * @throws LockedError when another process holds the folder; SQLite's own wait would stop this one
 * @throws StateError when the database cannot be used
 */
export function openDatabase<T>(options: OpenOptions, prove: (handle: DatabaseSync) => T): Database<T> {
  const { folder, command, pid, now } = options;
  const path = join(folder, 'sluice.db');
  const lock = told(options, path, () => lockFolder(folder));
  try {
    const { handle, tables, recovered } = told(options, path, () => openWhole(path, options, prove));
    nameHolder(folder, { pid, host: hostname(), since: now, command });
    return {
      handle,
      tables,
      recovered,
      close() {
        // In this order: once the lock is free the word is the next holder's.
        forgetHolder(folder);
        handle.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Whatever state the file is in. Only for who holds the folder's lock: the file may be replaced. */
function openWhole<T>(
  path: string,
  { now, probe = () => {} }: OpenOptions,
  prove: (handle: DatabaseSync) => T,
): Omit<Database<T>, 'close'> {
  let recovered: Recovery | undefined;
  let aside: string | undefined;
  const keep = (error: unknown): void => {
    if (isDamage(error)) aside = putAside(path, now, probe);
  };
  if (!existsSync(path)) {
    const lost = new Damage('it is gone, and only its log is there');
    const isLogLeft = ['-wal', '-journal'].some((end) => isThere(path + end));
    recovered = isLogLeft ? replace(path, putAside(path, now, probe), lost, now, probe) : { kind: 'missing' };
    if (!isLogLeft) makeDatabase(path, () => {}, probe);
  }
  try {
    return { ...openSound(path, prove, keep), recovered };
  } catch (error) {
    if (aside === undefined) throw error;
    recovered = replace(path, aside, error, now, probe);
    return { ...openSound(path, prove, () => {}), recovered };
  }
}

function isThere(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** A new database in the place of a damaged one, with what could be read of that. */
function replace(path: string, aside: string, error: unknown, now: number, probe: Probe): Recovery {
  let salvaged: Salvaged = { runs: 0, deadLetters: 0 };
  makeDatabase(path, (handle) => (salvaged = salvage(aside, handle, now)), probe);
  return { kind: 'damaged', reason: reasonOf(error), aside, salvaged };
}

/** @param keep called with what went wrong while the file is still as it was found: closing it writes to it */
function openSound<T>(
  path: string,
  prove: (handle: DatabaseSync) => T,
  keep: (error: unknown) => void,
): { handle: DatabaseSync; tables: T } {
  let handle: DatabaseSync | undefined;
  try {
    // Before it is opened, for SQLite would write into it.
    if (!isThere(path)) throw new Damage('it is empty');
    handle = new DatabaseSync(path);
    // Order matters: exclusive before WAL keeps the lock from the first access on and needs no shared memory.
    handle.exec('PRAGMA locking_mode = EXCLUSIVE');
    handle.exec('BEGIN EXCLUSIVE; COMMIT');
    if (checkVersion(handle, path) === 0) throw new Damage('it is not of Sluice');
    checkPages(handle);
    handle.exec('PRAGMA journal_mode = WAL');
    // Invariant 3: a commit is on the disk before anything builds on it.
    handle.exec('PRAGMA synchronous = FULL');
    migrate(handle, path);
    return { handle, tables: prove(handle) };
  } catch (error) {
    try {
      keep(error);
    } finally {
      handle?.close();
    }
    throw error;
  }
}

/** A damaged page would come up in the middle of a run otherwise. Half a millisecond for a megabyte. */
function checkPages(handle: DatabaseSync): void {
  const found = handle.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (found !== 'ok') throw new Damage(String(found));
}

/** What SQLite throws, as what a person can use. */
function told<T>({ folder }: OpenOptions, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) === 'busy') throw lockedBy(folder);
    throw codeOf(error) !== undefined || isDamage(error) || isSystemError(error)
      ? unusable(path, error)
      : error;
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function lockedBy(folder: string): LockedError {
  const holder = readHolder(folder);
  const who = holder
    ? `by sluice ${holder.command}, process ${holder.pid} on ${holder.host}, since ${new Date(holder.since).toISOString()}`
    : 'by another process';
  const isController = holder === undefined || holder.command === 'go';
  const end = isController
    ? `stop it with: touch ${join(folder, 'controller.quit')}`
    : 'try again when it is done';
  return new LockedError(
    `the state folder ${folder} is held ${who}`,
    `${end}, or name another folder with --state`,
  );
}
