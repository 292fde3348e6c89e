import { copyFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { removeDatabase } from './fresh.ts';
import { rawObject } from './raw-object.ts';
import { readRun } from './stored-run.ts';
import { transaction } from './transaction.ts';

/** How much of a damaged database could be read. */
export interface Salvaged {
  readonly runs: number;
  readonly deadLetters: number;
}

/**
 * Copies what can be read of a damaged database into a new one, table by table and row by row: the identities of the
 * entries (S3), the history of runs, the dead letters, the receipts. Unfinished runs become dropped ones, for their
 * progress is not to be trusted any more. The damaged file is left as it is.
 * @param now epoch milliseconds
 */
export function salvage(damaged: string, into: DatabaseSync, now: number): Salvaged {
  const scratch = join(dirname(damaged), 'sluice.db.scratch');
  try {
    removeDatabase(scratch);
    if (existsSync(damaged)) copyFileSync(damaged, scratch);
    const hasLog = existsSync(`${damaged}-wal`);
    if (hasLog) copyFileSync(`${damaged}-wal`, `${scratch}-wal`);
    const wasWhole = copyFrom(scratch, into, now);
    if (hasLog && !wasWhole && existsSync(damaged)) {
      // The log may be what is damaged, or another file's: what there is without it is saved too.
      removeDatabase(scratch);
      copyFileSync(damaged, scratch);
      copyFrom(scratch, into, now);
    }
  } finally {
    removeDatabase(scratch);
  }
  return { runs: countRows(into, 'run'), deadLetters: countRows(into, 'dead_letter') };
}

/** @returns whether all pages of the database are as they must be */
function copyFrom(path: string, into: DatabaseSync, now: number): boolean {
  const from = openAnyhow(path);
  if (!from) return false;
  try {
    const isFirst = countRows(into, 'entry') === 0;
    if (isFirst) copyTable(from, into, 'entry', wholeEntry);
    copyTable(from, into, 'run', (row) => finishedRun(row, now));
    copyTable(from, into, 'dead_letter', (row) => newLetter(wholeLetter(row), into));
    if (isFirst) copyReceipts(from, into);
    return isWhole(from);
  } finally {
    from.close();
  }
}

function isWhole(from: DatabaseSync): boolean {
  try {
    return from.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] === 'ok';
  } catch {
    return false;
  }
}

function openAnyhow(path: string): DatabaseSync | undefined {
  try {
    return new DatabaseSync(path);
  } catch {
    return undefined;
  }
}

type Row = Readonly<Record<string, SQLInputValue>>;

/** @param mended the row as the newest schema has it; undefined, or a throw, for one that is of no use */
function copyTable(
  from: DatabaseSync,
  into: DatabaseSync,
  table: string,
  mended: (row: Row) => Row | undefined,
): void {
  const columns = new Set(
    into
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map((column) => String(column['name'])),
  );
  transaction(into, () => {
    for (const rowid of rowids(from, table)) {
      try {
        const row = mended(
          from.prepare(`SELECT * FROM ${table} NOT INDEXED WHERE rowid = ?`).get(rowid) ?? {},
        );
        if (!row) continue;
        const names = Object.keys(row).filter((name) => columns.has(name));
        const marks = names.map(() => '?').join(', ');
        into
          .prepare(`INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES (${marks})`)
          .run(...names.map((name) => row[name] ?? null));
      } catch {
        // This row is lost; the others may not be.
      }
    }
  });
}

/** Chunks of runs that are over or start over: what is published next must not overtake them (S14). */
function copyReceipts(from: DatabaseSync, into: DatabaseSync): void {
  const insert = into.prepare('INSERT OR IGNORE INTO receipt (entry, id, page) VALUES (?, ?, ?)');
  transaction(into, () => {
    try {
      for (const { entry, id, page } of from.prepare('SELECT entry, id, page FROM receipt').iterate()) {
        insert.run(entry ?? null, id ?? null, page ?? null);
      }
    } catch {
      // As far as the table can be read; the first schema has none.
    }
  });
}

/** From both ends, as far as the table can be read; in their order, which tells the newer run from the older. */
function rowids(from: DatabaseSync, table: string): readonly SQLInputValue[] {
  const found = new Set<SQLInputValue>();
  for (const order of ['ASC', 'DESC']) {
    try {
      const select = from.prepare(`SELECT rowid AS place FROM ${table} NOT INDEXED ORDER BY rowid ${order}`);
      for (const { place } of select.iterate()) found.add(place ?? null);
      break;
    } catch {
      // A torn page; the other end is tried.
    }
  }
  return [...found].toSorted((left, right) => Number(left) - Number(right));
}

/** A run of any schema as a row of the newest one, ended. */
function finishedRun(row: Row, now: number): Row {
  const isFirstSchema = row['kind'] === undefined;
  const newest = isFirstSchema
    ? {
        ...row,
        kind: 'ranged',
        cursor_to: JSON.stringify(row['cursor_to']),
        intended: null,
        overlap_from: null,
      }
    : row;
  const { state } = readRun(newest);
  if (state !== 'running' && state !== 'completing') return newest;
  return { ...newest, state: 'dropped', finished: now, error: 'the database was damaged' };
}

function wholeEntry(row: Row): Row {
  rawObject(row['raw']);
  return row;
}

function wholeLetter(row: Row): Row {
  const { payload } = row;
  if (typeof payload !== 'string') throw new TypeError('a payload is text');
  JSON.parse(payload);
  return { entry: '', ...row };
}

/** Undefined for one that is saved already; under another id where its own is taken. */
function newLetter(row: Row, into: DatabaseSync): Row | undefined {
  const { run = null, key = null, payload = null, id = null } = row;
  const same = into.prepare('SELECT 1 FROM dead_letter WHERE run = ? AND key IS ? AND payload = ?');
  if (same.get(run, key, payload)) return undefined;
  const isTaken = into.prepare('SELECT 1 FROM dead_letter WHERE id = ?').get(id) !== undefined;
  return isTaken ? { ...row, id: null } : row;
}

function countRows(handle: DatabaseSync, table: string): number {
  return Number(handle.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'] ?? 0);
}
