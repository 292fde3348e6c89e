import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { RunMode, RunTotals } from '../model/events.ts';
import type { Window } from '../model/record.ts';
import { rawObject } from './raw-object.ts';
import { transaction } from './transaction.ts';

/** A run as the database knows it. */
export interface StoredRun {
  readonly id: string;
  /** The entry's identity (S3). */
  readonly entry: string;
  readonly label: string;
  readonly state: 'running' | 'completing' | 'done' | 'dropped';
  readonly mode: RunMode;
  /** The entry's object in the file when the run began (S4). */
  readonly frozen: Readonly<Record<string, unknown>>;
  readonly window: Window;
  /** What the cursor becomes at the end. */
  readonly cursorTo: string;
  /** Epoch milliseconds. */
  readonly started: number;
  readonly finished: number | undefined;
  readonly error: string | undefined;
  readonly totals: RunTotals;
  readonly checkpoint: Checkpoint;
}

/** Progress inside an unfinished run, by value (S8). */
export interface Checkpoint {
  /** The version of the last record of the unbroken confirmed prefix; undefined before the first page. */
  readonly version: number | undefined;
  /** The number of the next page, so that a resumed run never gives an old chunk's place to another page. */
  readonly nextPage: number;
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
  /** The newest runs of all entries, newest first. */
  recent(limit: number): readonly StoredRun[];
  /** The newest complete run of an entry. */
  lastDone(entry: string): StoredRun | undefined;
  /** Commits a new run before its first publish (S12). */
  begin(run: Omit<StoredRun, 'state' | 'finished' | 'error' | 'checkpoint'>): void;
  /** Moves the checkpoint; `newKeys` were confirmed at its version, and keys of lower versions are forgotten. */
  checkpoint(id: string, next: Checkpoint, newKeys: Iterable<string>, totals: RunTotals): void;
  confirmedKeys(id: string): string[];
  /** Back to the run's beginning: its window must be read again, and what it published counts no more. */
  restart(id: string): void;
  /** The first half of the end of a run: what is about to be written to state.json (S9), and the run's tail. */
  complete(id: string, totals: RunTotals, tail: ReadonlyMap<string, string>): void;
  /** Key and stamp (version and content) of what a complete run published within the overlap of the next one. */
  tail(id: string): ReadonlyMap<string, string>;
  done(id: string, finished: number): void;
  drop(id: string, finished: number, reason: string): void;
  /** Notes why an unfinished run stopped this time. */
  failed(id: string, error: string, totals: RunTotals): void;
}

/** Run rows and their checkpoints. Each method is one transaction, durable when it returns. */
export function createRunStore(db: DatabaseSync): RunStore {
  const byState = db.prepare('SELECT * FROM run WHERE entry = ? AND state = ? ORDER BY started DESC LIMIT 1');
  const allInState = db.prepare('SELECT * FROM run WHERE state = ?');
  const forgetOld = db.prepare(`DELETE FROM run WHERE finished < ? AND id NOT IN
    (SELECT id FROM (SELECT id, max(started) FROM run WHERE state = 'done' GROUP BY entry))`);
  const newest = db.prepare('SELECT * FROM run ORDER BY started DESC, id LIMIT ?');
  const insert = db.prepare(`INSERT INTO run
    (id, entry, label, state, mode, frozen, since, until, cursor_to, started, totals)
    VALUES (?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?)`);
  const move = db.prepare('UPDATE run SET version = ?, next_page = ?, totals = ? WHERE id = ?');
  const forgetVersion = db.prepare(
    "UPDATE run SET version = NULL, totals = json_set(totals, '$.read', 0, '$.published', 0) WHERE id = ?",
  );
  const currentVersion = db.prepare('SELECT version FROM run WHERE id = ?');
  const addKey = db.prepare('INSERT OR IGNORE INTO confirmed_key (run, key) VALUES (?, ?)');
  const forgetKeys = db.prepare('DELETE FROM confirmed_key WHERE run = ?');
  const keys = db.prepare('SELECT key FROM confirmed_key WHERE run = ?');
  const setState = db.prepare('UPDATE run SET state = ?, finished = ?, error = ? WHERE id = ?');
  const setCompleting = db.prepare("UPDATE run SET state = 'completing', totals = ? WHERE id = ?");
  const setError = db.prepare('UPDATE run SET error = ?, totals = ? WHERE id = ?');

  const addTailKey = db.prepare('INSERT OR REPLACE INTO tail_key (run, key, stamp) VALUES (?, ?, ?)');
  const tailKeys = db.prepare('SELECT key, stamp FROM tail_key WHERE run = ?');
  // A tail serves the run that follows; an older one never again.
  const forgetTails = db.prepare(
    'DELETE FROM tail_key WHERE run IN (SELECT id FROM run WHERE entry = (SELECT entry FROM run WHERE id = ?) AND id <> ?)',
  );
  const forgetTail = db.prepare('DELETE FROM tail_key WHERE run = ?');

  return {
    unfinished: (entry) => optional(byState.get(entry, 'running')),
    allUnfinished: () => allInState.all('running').map(toRun),
    completing: () => allInState.all('completing').map(toRun),
    prune: (before) => void forgetOld.run(before),
    recent: (limit) => newest.all(limit).map(toRun),
    lastDone: (entry) => optional(byState.get(entry, 'done')),
    begin(run) {
      const { since, until } = run.window;
      const totals = JSON.stringify(run.totals);
      insert.run(
        run.id,
        run.entry,
        run.label,
        run.mode,
        JSON.stringify(run.frozen),
        since,
        until,
        run.cursorTo,
        run.started,
        totals,
      );
    },
    checkpoint(id, next, newKeys, totals) {
      transaction(db, () => {
        const before = currentVersion.get(id)?.['version'] ?? undefined;
        if (before !== next.version) forgetKeys.run(id);
        move.run(next.version ?? null, next.nextPage, JSON.stringify(totals), id);
        for (const key of newKeys) addKey.run(id, key);
      });
    },
    confirmedKeys: (id) => keys.all(id).map((row) => String(row['key'])),
    restart(id) {
      transaction(db, () => {
        forgetVersion.run(id);
        forgetKeys.run(id);
      });
    },
    complete(id, totals, tail) {
      transaction(db, () => {
        setCompleting.run(JSON.stringify(totals), id);
        for (const [key, stamp] of tail) addTailKey.run(id, key, stamp);
      });
    },
    tail: (id) => new Map(tailKeys.all(id).map((row) => [String(row['key']), String(row['stamp'])])),
    done(id, finished) {
      transaction(db, () => {
        setState.run('done', finished, null, id);
        forgetKeys.run(id);
        forgetTails.run(id, id);
      });
    },
    drop(id, finished, reason) {
      transaction(db, () => {
        setState.run('dropped', finished, reason, id);
        forgetKeys.run(id);
        forgetTail.run(id);
      });
    },
    failed: (id, error, totals) => void setError.run(error, JSON.stringify(totals), id),
  };
}

const totalsSchema = z.object({
  read: z.number(),
  published: z.number(),
  requests: z.number(),
  reread: z.number(),
  deadLetters: z.number(),
  bytes: z.number(),
  seconds: z.number(),
});

const rowSchema = z.object({
  id: z.string(),
  entry: z.string(),
  label: z.string(),
  state: z.enum(['running', 'completing', 'done', 'dropped']),
  mode: z.enum(['LOAD', 'SYNC']),
  frozen: z.string().transform(rawObject),
  since: z.number().nullable(),
  until: z.number(),
  cursor_to: z.string(),
  started: z.number(),
  finished: z.number().nullable(),
  error: z.string().nullable(),
  totals: z.string().transform((text) => totalsSchema.parse(JSON.parse(text))),
  version: z.number().nullable(),
  next_page: z.number(),
});

function toRun(row: unknown): StoredRun {
  const { since, until, cursor_to, version, next_page, finished, error, ...rest } = rowSchema.parse(row);
  return {
    ...rest,
    window: { since, until },
    cursorTo: cursor_to,
    finished: finished ?? undefined,
    error: error ?? undefined,
    checkpoint: { version: version ?? undefined, nextPage: next_page },
  };
}

function optional(row: unknown): StoredRun | undefined {
  return row === undefined ? undefined : toRun(row);
}
