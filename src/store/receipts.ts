import type { DatabaseSync } from 'node:sqlite';
import type { Commit } from './transaction.ts';

/** The chunks of each entry that are in the queue and that no consumer is known to have finished (S13). */
export interface ReceiptStore {
  /** Durable when it returns. */
  add(entry: string, id: string, page: number): void;
  remove(entry: string, ids: readonly string[]): void;
  /** In no particular order. */
  of(entry: string): readonly string[];
}

export function createReceiptStore(db: DatabaseSync, commit: Commit): ReceiptStore {
  const insert = db.prepare('INSERT OR IGNORE INTO receipt (entry, id, page) VALUES (?, ?, ?)');
  const forget = db.prepare('DELETE FROM receipt WHERE entry = ? AND id = ?');
  const select = db.prepare('SELECT id FROM receipt WHERE entry = ?');
  return {
    add: (entry, id, page) => commit('store.receipt.add', () => void insert.run(entry, id, page)),
    remove(entry, ids) {
      commit('store.receipt.remove', () => {
        for (const id of ids) forget.run(entry, id);
      });
    },
    of: (entry) => select.all(entry).map((row) => String(row['id'])),
  };
}
