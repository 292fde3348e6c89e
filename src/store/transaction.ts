import type { DatabaseSync } from 'node:sqlite';

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
