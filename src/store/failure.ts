import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { StateError } from '../model/errors.ts';

/** A database that SQLite opens without complaint and that is none of ours, or not whole. */
export class Damage extends Error {}

type Failure = 'busy' | 'not a database' | 'system' | 'other';

/** What kind of failure SQLite reports. The upper bits of its codes are details. */
export function codeOf(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  const code = error.errcode & 0xff;
  if (code === 5 || code === 6) return 'busy';
  if (code === 26) return 'not a database';
  return systemCodes.has(code) ? 'system' : 'other';
}

/** No permission, out of memory, read-only, I/O error, disk full, cannot open, refused (sqlite.org/rescode.html). */
const systemCodes: ReadonlySet<number> = new Set([3, 7, 8, 10, 13, 14, 23]);

/** Whether the file's content is the trouble, not the system around it: only then it may be moved aside. */
export function isDamage(error: unknown): boolean {
  if (error instanceof Damage || error instanceof z.ZodError || error instanceof SyntaxError) return true;
  // A number that JavaScript cannot hold: never written by us.
  if (error instanceof RangeError) return true;
  const code = codeOf(error);
  return code === 'not a database' || code === 'other';
}

/** What to tell when a commit failed for a reason outside of the database: a full disk above all. */
export function unwritten(cause: unknown): StateError {
  const told = cause instanceof Error ? cause.message : String(cause);
  return new StateError(`sluice.db could not be written: ${told}`, {
    code: 'store.unwritten',
    recovery: 'retry',
    hint: 'make room on the disk of the state folder, or mount it writable; the run goes on from its checkpoint',
    cause,
  });
}

/** What to tell when the database cannot be used for a reason outside of it. */
export function unusable(path: string, cause: unknown): StateError {
  const folder = dirname(path);
  const told = cause instanceof Error ? cause.message : String(cause);
  const { reason, hint } = circumstance(path, folder) ?? {
    reason: told,
    hint: 'check the disk and the permissions of the folder, then start again',
  };
  return new StateError(`${path} cannot be used: ${reason}`, {
    code: 'store.unusable',
    recovery: 'config',
    hint,
    cause,
  });
}

/** What SQLite does not say when it cannot open or write a file. */
function circumstance(path: string, folder: string): { reason: string; hint: string } | undefined {
  if (!existsSync(folder)) {
    return { reason: 'the folder is not there', hint: 'make it, or name another one with --state' };
  }
  const folderProblem = accessProblem(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  if (folderProblem !== undefined) {
    const hint = `Sluice keeps its place there: let this user write into ${folder}, mount it writable, or name another folder with --state`;
    return { reason: `the folder ${folderProblem}`, hint };
  }
  if (!existsSync(path)) return undefined;
  if (!statSync(path).isFile()) {
    return { reason: 'it is not a file', hint: 'move it away: a new one is made' };
  }
  const fileProblem = accessProblem(path, constants.R_OK | constants.W_OK);
  if (fileProblem === undefined) return undefined;
  return { reason: `the file ${fileProblem}`, hint: `let this user read and write it: chmod u+rw ${path}` };
}

function accessProblem(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode);
    return undefined;
  } catch (error) {
    const isReadOnly = error instanceof Error && 'code' in error && error.code === 'EROFS';
    return isReadOnly ? 'is on a read-only file system' : 'cannot be written by this user';
  }
}

/** What is wrong with a damaged database, in one line. */
export function reasonOf(cause: unknown): string {
  if (cause instanceof z.ZodError || cause instanceof SyntaxError || cause instanceof RangeError) {
    return 'it holds what Sluice never wrote';
  }
  const told = cause instanceof Error ? cause.message : String(cause);
  return told.replaceAll(/\s+/g, ' ');
}
