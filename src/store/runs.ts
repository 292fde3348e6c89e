import type { DatabaseSync } from 'node:sqlite';
import type { Cursor } from '../model/cursor.ts';
import type { RunTotals } from '../model/events.ts';
import { boundsOf, type Checkpoint, readRun, type StoredRun } from './stored-run.ts';
import type { Commit } from './transaction.ts';

/** A checkpoint to be stored. */
export interface NextCheckpoint extends Checkpoint {
  /** Where the next run's overlap would begin if the run ended here (S10): it may be dropped, or go on in another session. */
  readonly overlapFrom?: number | undefined;
  /** What was added to the run's tail since the checkpoint before. */
  readonly tail?: ReadonlyMap<string, string>;
}

/** How a run ended. */
export interface RunEnd {
  readonly totals: RunTotals;
  readonly cursorTo: Cursor;
  /** Key and stamp of what the next run's overlap will bring again. */
  readonly tail: ReadonlyMap<string, string>;
  /** Where the next run's overlap begins (S10); undefined for other sources than chained ones. */
  readonly overlapFrom?: number | undefined;
}

export interface RunStore {
  /** The unfinished run of an entry, at most one. */
  unfinished(entry: string): StoredRun | undefined;
  /** Every unfinished run, of whatever entry. */
  allUnfinished(): readonly StoredRun[];
  /** Runs whose end was begun and not finished (S9). */
  completing(): readonly StoredRun[];
  /** Forgets runs that ended before `before` (epoch milliseconds), but for each entry's newest complete one. */
  prune(before: number): void;
  /** The newest runs, newest first: of all entries, or of those that ever had this name in commands; of a group those of its services. */
  recent(limit: number, entry?: string): readonly StoredRun[];
  /** The newest complete run of an entry. */
  lastDone(entry: string): StoredRun | undefined;
  /** The newest run of an entry that is over, complete or not, and knows where the overlap after it begins (S10). */
  lastOverlapped(entry: string): StoredRun | undefined;
  /** Commits a new run before its first publish (S12). */
  begin(run: Omit<StoredRun, 'state' | 'finished' | 'error' | 'checkpoint'>): void;
  /** Moves the checkpoint; `newKeys` were confirmed at its version, and keys of lower versions are forgotten. */
  checkpoint(id: string, next: NextCheckpoint, newKeys: Iterable<string>, totals: RunTotals): void;
  confirmedKeys(id: string): string[];
  /** Back to the run's beginning: its window must be read again, and what it published counts no more. */
  restart(id: string): void;
  /** The first half of the end of a run: what is about to be written to state.json (S9), and the run's tail. */
  complete(id: string, end: RunEnd): void;
  /** An ordinal is about to be written into the file in the middle of a run (S5). */
  intend(id: string, ordinal: number): void;
  /** It was written: the file's entry is this now. */
  advanced(id: string, frozen: Readonly<Record<string, unknown>>): void;
  /** Key and stamp (version and content) of what a complete run published within the overlap of the next one. */
  tail(id: string): ReadonlyMap<string, string>;
  done(id: string, finished: number): void;
  /** Cancelled: it never goes on. */
  drop(id: string, finished: number, reason: string): void;
  /** Failed for good: it never goes on either. */
  giveUp(id: string, finished: number, reason: string): void;
  /** Notes why an unfinished run stopped this time. */
  failed(id: string, error: string, totals: RunTotals): void;
}

/** Run rows and their checkpoints. Each method is one transaction, durable when it returns. */
export function createRunStore(db: DatabaseSync, commit: Commit): RunStore {
  // In the order in which runs were begun: the clock that says when may have been set back between two of them.
  const byState = db.prepare('SELECT * FROM run WHERE entry = ? AND state = ? ORDER BY rowid DESC LIMIT 1');
  const overlapped = db.prepare(`SELECT * FROM run WHERE entry = ? AND state IN ('done', 'dropped', 'failed')
    AND overlap_from IS NOT NULL ORDER BY rowid DESC LIMIT 1`);
  const allInState = db.prepare('SELECT * FROM run WHERE state = ?');
  const forgetOld = db.prepare(`DELETE FROM run WHERE finished < ? AND id NOT IN
    (SELECT id FROM (SELECT id, max(rowid) FROM run WHERE state = 'done' GROUP BY entry))`);
  const newest = db.prepare('SELECT * FROM run ORDER BY rowid DESC LIMIT ?');
  // The key of a group's service is the entry's, "/" and the service; the group's name stands in the file only.
  const newestOf = db.prepare(`SELECT * FROM run WHERE entry IN (SELECT entry FROM run
    WHERE iif(instr(entry, '/'), frozen ->> 'service', coalesce(frozen ->> 'id', frozen ->> 'list_id', frozen ->> 'service')) = :name
      AND label LIKE '%"' || :mark)
    OR substr(entry, 1, instr(entry, '/') - 1) IN (SELECT key FROM entry WHERE :entry IN (raw ->> 'id', raw ->> 'service'))
    ORDER BY rowid DESC LIMIT :limit`);
  const insert = db.prepare(`INSERT INTO run
    (id, entry, label, state, mode, kind, frozen, since, until, cursor_to, started, totals)
    VALUES (?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?)`);
  const move = db.prepare(
    'UPDATE run SET version = ?, next_page = ?, totals = ?, overlap_from = ? WHERE id = ?',
  );
  const forgetVersion = db.prepare(
    "UPDATE run SET version = NULL, totals = json_set(totals, '$.read', 0, '$.published', 0, '$.ignored', 0) WHERE id = ?",
  );
  const currentVersion = db.prepare('SELECT version FROM run WHERE id = ?');
  const addKey = db.prepare('INSERT OR IGNORE INTO confirmed_key (run, key) VALUES (?, ?)');
  const forgetKeys = db.prepare('DELETE FROM confirmed_key WHERE run = ?');
  const keys = db.prepare('SELECT key FROM confirmed_key WHERE run = ?');
  const setState = db.prepare('UPDATE run SET state = ?, finished = ?, error = ? WHERE id = ?');
  const setCompleting = db.prepare(
    "UPDATE run SET state = 'completing', totals = ?, cursor_to = ?, overlap_from = ? WHERE id = ?",
  );
  const setIntended = db.prepare('UPDATE run SET intended = ? WHERE id = ?');
  const setFrozen = db.prepare('UPDATE run SET frozen = ?, intended = NULL WHERE id = ?');
  const setError = db.prepare('UPDATE run SET error = ?, totals = ? WHERE id = ?');

  const addTailKey = db.prepare('INSERT OR REPLACE INTO tail_key (run, key, stamp) VALUES (?, ?, ?)');
  const tailKeys = db.prepare('SELECT key, stamp FROM tail_key WHERE run = ?');
  // A tail serves the run that follows; an older one never again.
  const forgetTails = db.prepare(
    'DELETE FROM tail_key WHERE run IN (SELECT id FROM run WHERE entry = (SELECT entry FROM run WHERE id = ?) AND id <> ?)',
  );
  const forgetTail = db.prepare('DELETE FROM tail_key WHERE run = ?');

  const endEarly = (state: 'dropped' | 'failed', id: string, finished: number, reason: string): void =>
    commit('store.run.drop', () => {
      setState.run(state, finished, reason, id);
      forgetKeys.run(id);
      forgetTail.run(id);
    });

  return {
    unfinished: (entry) => optional(byState.get(entry, 'running')),
    allUnfinished: () => allInState.all('running').map(readRun),
    completing: () => allInState.all('completing').map(readRun),
    prune: (before) => commit('store.run.prune', () => forgetOld.run(before)),
    recent(limit, entry) {
      if (entry === undefined) return newest.all(limit).map(readRun);
      // A name that repeats carries a mark: the label has it too.
      const [, name = entry, mark = ''] = /^(.*?)(#\d+)?$/s.exec(entry) ?? [];
      return newestOf.all({ name, mark, entry, limit }).map(readRun);
    },
    lastDone: (entry) => optional(byState.get(entry, 'done')),
    lastOverlapped: (entry) => optional(overlapped.get(entry)),
    begin(run) {
      const { since, until } = boundsOf(run.span);
      const totals = JSON.stringify(run.totals);
      const frozen = JSON.stringify(run.frozen);
      const cursorTo = JSON.stringify(run.cursorTo);
      commit('store.run.begin', () => {
        const { id, entry, label, mode, span, started } = run;
        insert.run(id, entry, label, mode, span.kind, frozen, since, until, cursorTo, started, totals);
      });
    },
    checkpoint(id, next, newKeys, totals) {
      commit('store.run.checkpoint', () => {
        const before = currentVersion.get(id)?.['version'] ?? undefined;
        if (before !== next.version) forgetKeys.run(id);
        const { version = null, nextPage, overlapFrom = null, tail = [] } = next;
        move.run(version, nextPage, JSON.stringify(totals), overlapFrom, id);
        for (const key of newKeys) addKey.run(id, key);
        for (const [key, stamp] of tail) addTailKey.run(id, key, stamp);
      });
    },
    confirmedKeys: (id) => keys.all(id).map((row) => String(row['key'])),
    restart(id) {
      commit('store.run.restart', () => {
        forgetVersion.run(id);
        forgetKeys.run(id);
        forgetTail.run(id);
      });
    },
    intend: (id, ordinal) => commit('store.run.intend', () => setIntended.run(ordinal, id)),
    advanced: (id, frozen) => commit('store.run.advanced', () => setFrozen.run(JSON.stringify(frozen), id)),
    complete(id, { totals, cursorTo, tail, overlapFrom }) {
      commit('store.run.complete', () => {
        setCompleting.run(JSON.stringify(totals), JSON.stringify(cursorTo), overlapFrom ?? null, id);
        for (const [key, stamp] of tail) addTailKey.run(id, key, stamp);
      });
    },
    tail: (id) => new Map(tailKeys.all(id).map((row) => [String(row['key']), String(row['stamp'])])),
    done(id, finished) {
      commit('store.run.done', () => {
        setState.run('done', finished, null, id);
        forgetKeys.run(id);
        forgetTails.run(id, id);
      });
    },
    drop: (id, finished, reason) => endEarly('dropped', id, finished, reason),
    giveUp: (id, finished, reason) => endEarly('failed', id, finished, reason),
    failed: (id, error, totals) =>
      commit('store.run.failed', () => setError.run(error, JSON.stringify(totals), id)),
  };
}

function optional(row: unknown): StoredRun | undefined {
  return row === undefined ? undefined : readRun(row);
}
