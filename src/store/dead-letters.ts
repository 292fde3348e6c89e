import type { DatabaseSync } from 'node:sqlite';
import type { DeadLetter } from '../model/record.ts';
import type { Commit } from './transaction.ts';

/** Records no attempt could deliver, kept until a person retries or drops them. */
export interface DeadLetterStore {
  /** Keeps letters of a run, all or none; the same record of the same run is kept once. Durable when it returns. */
  add(run: string, letters: readonly DeadLetter[], now: number): void;
  count(): number;
}

export function createDeadLetterStore(db: DatabaseSync, commit: Commit): DeadLetterStore {
  const known = db.prepare('SELECT 1 FROM dead_letter WHERE run = ? AND key IS ? AND payload = ?');
  const insert =
    db.prepare(`INSERT INTO dead_letter (run, entry, service, key, reason, payload, attempts, first, last)
    VALUES (?, coalesce((SELECT entry FROM run WHERE id = ?), ''), ?, ?, ?, ?, 1, ?, ?)`);
  const count = db.prepare('SELECT count(*) AS n FROM dead_letter');
  return {
    add(run, letters, now) {
      commit('store.letters', () => {
        for (const letter of letters) {
          const payload = JSON.stringify(letter.payload);
          const key = letter.key ?? null;
          if (known.get(run, key, payload) === undefined) {
            insert.run(run, run, letter.service, key, letter.reason, payload, now, now);
          }
        }
      });
    },
    count: () => Number(count.get()?.['n'] ?? 0),
  };
}
