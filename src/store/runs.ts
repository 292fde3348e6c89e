import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { RunMode, RunTotals } from '../model/events.ts';
import type { Cursor } from '../model/cursor.ts';
import type { Window } from '../model/record.ts';
import { noTotals } from '../model/run-totals.ts';
import { rawObject } from './raw-object.ts';
import type { Commit } from './transaction.ts';

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
  readonly span: RunSpan;
  /** What the cursor becomes at the end; null where the file holds none. */
  readonly cursorTo: Cursor;
  /** Epoch milliseconds. */
  readonly started: number;
  readonly finished: number | undefined;
  readonly error: string | undefined;
  readonly totals: RunTotals;
  readonly checkpoint: Checkpoint;
}

/** What a run reads, by the kind of its source's pages. */
export type RunSpan =
  | { readonly kind: 'ranged'; readonly window: Window }
  /**
   * Everything behind an ordinal. `intended` is an ordinal that was about to be written into the file: a kill leaves
   * open whether it was. `overlapFrom` is where the next run begins to look for late commits, as far as is known (S10).
   */
  | {
      readonly kind: 'chained';
      readonly since: number;
      readonly intended: number | undefined;
      readonly overlapFrom: number | undefined;
    }
  | { readonly kind: 'whole' };

/** Progress inside an unfinished run, by value (S8). */
export interface Checkpoint {
  /** The version of the last record of the unbroken confirmed prefix, for chained pages the ordinal behind it; undefined before the first page. */
  readonly version: number | undefined;
  /** The number of the next page, so that a resumed run never gives an old chunk's place to another page. */
  readonly nextPage: number;
}

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
  /** The newest runs, newest first: of all entries, or of those that ever had this name in commands. */
  recent(limit: number, entry?: string): readonly StoredRun[];
  /** The newest complete run of an entry. */
  lastDone(entry: string): StoredRun | undefined;
  /** The newest run of an entry that is over, dropped or complete, and knows where the overlap after it begins (S10). */
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
  drop(id: string, finished: number, reason: string): void;
  /** Notes why an unfinished run stopped this time. */
  failed(id: string, error: string, totals: RunTotals): void;
}

/** Run rows and their checkpoints. Each method is one transaction, durable when it returns. */
export function createRunStore(db: DatabaseSync, commit: Commit): RunStore {
  // In the order in which runs were begun: the clock that says when may have been set back between two of them.
  const byState = db.prepare('SELECT * FROM run WHERE entry = ? AND state = ? ORDER BY rowid DESC LIMIT 1');
  const overlapped = db.prepare(`SELECT * FROM run WHERE entry = ? AND state IN ('done', 'dropped')
    AND overlap_from IS NOT NULL ORDER BY rowid DESC LIMIT 1`);
  const allInState = db.prepare('SELECT * FROM run WHERE state = ?');
  const forgetOld = db.prepare(`DELETE FROM run WHERE finished < ? AND id NOT IN
    (SELECT id FROM (SELECT id, max(rowid) FROM run WHERE state = 'done' GROUP BY entry))`);
  const newest = db.prepare('SELECT * FROM run ORDER BY rowid DESC LIMIT ?');
  const newestOf = db.prepare(`SELECT * FROM run WHERE entry IN (SELECT entry FROM run
    WHERE coalesce(frozen ->> 'id', frozen ->> 'list_id', frozen ->> 'service') = ? AND label LIKE '%"' || ?)
    ORDER BY rowid DESC LIMIT ?`);
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

  return {
    unfinished: (entry) => optional(byState.get(entry, 'running')),
    allUnfinished: () => allInState.all('running').map(readRun),
    completing: () => allInState.all('completing').map(readRun),
    prune: (before) => commit('store.run.prune', () => forgetOld.run(before)),
    recent(limit, entry) {
      if (entry === undefined) return newest.all(limit).map(readRun);
      // A name that repeats carries a mark: the label has it too.
      const [, name = entry, mark = ''] = /^(.*?)(#\d+)?$/s.exec(entry) ?? [];
      return newestOf.all(name, mark, limit).map(readRun);
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
    drop(id, finished, reason) {
      commit('store.run.drop', () => {
        setState.run('dropped', finished, reason, id);
        forgetKeys.run(id);
        forgetTail.run(id);
      });
    },
    failed: (id, error, totals) =>
      commit('store.run.failed', () => setError.run(error, JSON.stringify(totals), id)),
  };
}

const waitedSchema = z.object({
  source: z.number(),
  queue: z.number(),
  workers: z.number(),
  quota: z.number(),
});

const totalsSchema = z.object({
  read: z.number(),
  published: z.number(),
  requests: z.number(),
  reread: z.number(),
  deadLetters: z.number(),
  bytes: z.number(),
  seconds: z.number(),
  // Not in the runs of schema 1.
  ignored: z.number().default(0),
  retried: z.number().default(0),
  slowestMs: z.number().default(0),
  waitedMs: waitedSchema.default(noTotals.waitedMs),
});

const cursorSchema = z.union([z.string(), z.number(), z.null()]);

const rowSchema = z.object({
  id: z.string(),
  entry: z.string(),
  label: z.string(),
  state: z.enum(['running', 'completing', 'done', 'dropped']),
  mode: z.enum(['LOAD', 'SYNC']),
  frozen: z.string().transform(rawObject),
  kind: z.enum(['ranged', 'chained', 'whole']),
  since: z.number().nullable(),
  until: z.number().nullable(),
  cursor_to: z.string().transform((text) => cursorSchema.parse(JSON.parse(text))),
  started: z.number(),
  finished: z.number().nullable(),
  error: z.string().nullable(),
  totals: z.string().transform((text) => totalsSchema.parse(JSON.parse(text))),
  version: z.number().nullable(),
  next_page: z.number(),
  intended: z.number().nullable(),
  overlap_from: z.number().nullable(),
});

type Row = z.infer<typeof rowSchema>;

function boundsOf(span: RunSpan): { since: number | null; until: number | null } {
  switch (span.kind) {
    case 'ranged':
      return span.window;
    case 'chained':
      return { since: span.since, until: null };
    case 'whole':
      return { since: null, until: null };
    default:
      return span satisfies never;
  }
}

function spanOf({ kind, since, until, intended, overlap_from }: Row): RunSpan {
  switch (kind) {
    case 'ranged':
      return { kind, window: { since, until: until ?? 0 } };
    case 'chained':
      return {
        kind,
        since: since ?? 0,
        intended: intended ?? undefined,
        overlapFrom: overlap_from ?? undefined,
      };
    case 'whole':
      return { kind };
    default:
      return kind satisfies never;
  }
}

/** A row of the table `run`. @throws ZodError, SyntaxError when it holds what no run is */
export function readRun(found: unknown): StoredRun {
  const row = rowSchema.parse(found);
  const { id, entry, label, state, mode, frozen, started, finished, error, totals, version, next_page } = row;
  return {
    id,
    entry,
    label,
    state,
    mode,
    frozen,
    started,
    totals,
    span: spanOf(row),
    cursorTo: row.cursor_to,
    finished: finished ?? undefined,
    error: error ?? undefined,
    checkpoint: { version: version ?? undefined, nextPage: next_page },
  };
}

function optional(row: unknown): StoredRun | undefined {
  return row === undefined ? undefined : readRun(row);
}
