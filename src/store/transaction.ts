import type { DatabaseSync } from 'node:sqlite';
import type { Probe } from '../model/probe.ts';
import { codeOf, unwritten } from './failure.ts';

/** Runs work as one transaction. `name` is what the fail points around it are called: `<name>.before`, `<name>.after` (S24). */
export type Commit = (name: string, work: () => void) => void;

/** Everything the store commits goes through here, so that a test can kill the process at each commit. */
export function createCommit(db: DatabaseSync, probe: Probe = () => {}): Commit {
  return (name, work) => {
    probe(`${name}.before`);
    try {
      transaction(db, work);
    } catch (error) {
      throw codeOf(error) === 'system' ? unwritten(error) : error;
    }
    probe(`${name}.after`);
  };
}

/** Runs `work` as one transaction, durable when this returns; rolled back when it throws. */
export function transaction(db: DatabaseSync, work: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } catch (error) {
    // SQLite has rolled back by itself after a full disk or an I/O error, and must not hide it behind another one.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
