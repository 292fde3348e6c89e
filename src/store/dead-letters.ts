import type { DatabaseSync } from 'node:sqlite';
import type { DeadLetter, SinkPlace } from '../model/record.ts';
import { readLetter, readSummary, type StoredLetter, type StoredSummary } from './letter-rows.ts';
import type { Commit } from './transaction.ts';

/** Records no attempt could deliver, kept until a person retries or drops them. Every write is durable when it returns. */
export interface DeadLetterStore {
  /**
   * Keeps letters of a run, all or none. There is one letter a record: where it has died before, its attempts add up and
   * the newest version takes the place of the older one, which nobody should deliver any more. A letter that a resumed
   * run comes by again is the same death and changes nothing. Records without a key are told apart by their content.
   * @param place where the run's chunks go; without it the letters cannot be retried
   */
  add(run: string, letters: readonly DeadLetter[], now: number, place: SinkPlace): void;
  /** These records are about to be published there, in their newest version: letters of them are overtaken. */
  overtake(place: SinkPlace, keys: readonly string[]): void;
  count(): number;
  /** How many there are, by the key of their entry. */
  counts(): ReadonlyMap<string, number>;
  /** Newest first, without payloads, at most `most`. */
  list(most?: number): readonly StoredSummary[];
  find(id: number): StoredLetter | undefined;
  /** @returns how many there were */
  drop(ids: readonly number[]): number;
  /** A letter is published again: `chunk` is the id under which it is on its way (S12). */
  begin(id: number, chunk: string): void;
  /** The retry was delivered: the letter goes. False when it is not what was retried any more. */
  delivered(id: number, chunk: string): boolean;
  /** The retry failed: the letter stays, with what happened. False when it is not what was retried any more. */
  failed(id: number, chunk: string, failure: Failure, now: number): boolean;
  /** Nothing is known of the retry: the letter stays as it was before. */
  abandon(id: number, chunk: string): void;
  /** The letters that are on their way, oldest first. */
  underWay(): readonly number[];
}

type Failure = Required<Pick<DeadLetter, 'reason' | 'stack' | 'attempts'>>;

/** Longest reason and longest stack that are kept, in UTF-16 units: consumers that are not ours may send any. */
const longestReason = 2000;
const longestStack = 8000;

export function createDeadLetterStore(db: DatabaseSync, commit: Commit): DeadLetterStore {
  const keyed = db.prepare(
    'SELECT * FROM dead_letter WHERE key = ? AND entry = ? AND service = ? ORDER BY id DESC LIMIT 1',
  );
  const keyless = db.prepare(
    'SELECT * FROM dead_letter WHERE key IS NULL AND payload = ? AND entry = ? AND service = ? LIMIT 1',
  );
  const owner = db.prepare('SELECT entry, label FROM run WHERE id = ?');
  const insert = db.prepare(`INSERT INTO dead_letter
    (run, entry, label, service, key, version, reason, stack, payload, queue, job, grade, chunk, attempts, first, last)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const replace =
    db.prepare(`UPDATE dead_letter SET run = ?, version = ?, reason = ?, stack = ?, payload = ?, queue = ?,
    job = ?, grade = ?, chunk = ?, attempts = attempts + ?, last = ?, overtaken = 0,
    retrying = CASE WHEN payload = ? THEN retrying END WHERE id = ?`);
  const standing = db.prepare('UPDATE dead_letter SET overtaken = 0 WHERE id = ?');
  const touch = db.prepare('UPDATE dead_letter SET attempts = attempts + ?, last = ? WHERE id = ?');
  const count = db.prepare('SELECT count(*) AS n FROM dead_letter');
  const counts = db.prepare('SELECT entry, count(*) AS n FROM dead_letter GROUP BY entry');
  const newest =
    db.prepare(`SELECT id, entry, label, service, key, version, reason, attempts, first, last, retrying, overtaken
    FROM dead_letter ORDER BY last DESC, id DESC LIMIT ?`);
  const one = db.prepare('SELECT * FROM dead_letter WHERE id = ?');
  const remove = db.prepare('DELETE FROM dead_letter WHERE id = ?');
  const begin = db.prepare('UPDATE dead_letter SET retries = retries + 1, retrying = ? WHERE id = ?');
  const removeRetried = db.prepare('DELETE FROM dead_letter WHERE id = ? AND retrying = ?');
  const fail =
    db.prepare(`UPDATE dead_letter SET retrying = NULL, reason = ?, stack = ?, attempts = attempts + ?, last = ?
    WHERE id = ? AND retrying = ?`);
  const abandon = db.prepare('UPDATE dead_letter SET retrying = NULL WHERE id = ? AND retrying = ?');
  // Nearly always there is none, which is quickly known.
  const anyBound = db.prepare(
    'SELECT 1 FROM dead_letter WHERE queue = ? AND job = ? AND overtaken = 0 LIMIT 1',
  );
  const boundOf = db.prepare(`SELECT id FROM dead_letter
    WHERE key IN (SELECT value FROM json_each(?)) AND queue = ? AND job = ? AND overtaken = 0`);
  const overtake = db.prepare('UPDATE dead_letter SET overtaken = 1 WHERE id = ?');
  const underWay = db.prepare('SELECT id FROM dead_letter WHERE retrying IS NOT NULL ORDER BY id');

  const keep = (run: string, letter: DeadLetter, now: number, place: SinkPlace | undefined): void => {
    const { entry = '', label = '' } = owner.get(run) ?? {};
    const { service, key, attempts = 1, version = null, chunk = null } = letter;
    const payload = JSON.stringify(letter.payload) ?? 'null';
    const found = key === undefined ? keyless.get(payload, entry, service) : keyed.get(key, entry, service);
    const reason = bounded(letter.reason, longestReason);
    const stack = letter.stack === undefined ? null : bounded(letter.stack, longestStack);
    const { queue = null, job = null, grade = null } = place ?? {};
    if (found === undefined) {
      const what = [service, key ?? null, version, reason, stack, payload, queue, job, grade, chunk];
      insert.run(run, entry, label, ...what, attempts, now, now);
      return;
    }
    const before = readLetter(found);
    if (before.run === run && before.text === payload) return void standing.run(before.id);
    if (isOlder(version, before.version)) touch.run(attempts, now, before.id);
    else {
      const what = [run, version, reason, stack, payload, queue, job, grade, chunk];
      replace.run(...what, attempts, now, payload, before.id);
    }
  };

  return {
    add(run, letters, now, place) {
      commit('store.letters', () => {
        for (const letter of letters) keep(run, letter, now, place);
      });
    },
    overtake({ queue, job }, keys) {
      if (anyBound.get(queue, job) === undefined) return;
      const found = boundOf.all(JSON.stringify(keys), queue, job);
      if (found.length === 0) return;
      commit('store.letters.overtake', () => {
        for (const { id } of found) overtake.run(Number(id));
      });
    },
    count: () => Number(count.get()?.['n'] ?? 0),
    counts: () => new Map(counts.all().map((row) => [String(row['entry']), Number(row['n'])])),
    list: (most = -1) => newest.all(most).map(readSummary),
    find(id) {
      const row = one.get(id);
      return row === undefined ? undefined : readLetter(row);
    },
    drop(ids) {
      let dropped = 0;
      commit('store.letters.drop', () => {
        for (const id of ids) dropped += Number(remove.run(id).changes);
      });
      return dropped;
    },
    begin: (id, chunk) => commit('store.letters.begin', () => void begin.run(chunk, id)),
    delivered(id, chunk) {
      let isGone = false;
      commit('store.letters.delivered', () => {
        isGone = Number(removeRetried.run(id, chunk).changes) > 0;
      });
      return isGone;
    },
    failed(id, chunk, { reason, stack = '', attempts = 1 }, now) {
      let isKept = false;
      commit('store.letters.failed', () => {
        const what = [bounded(reason, longestReason), stack === '' ? null : bounded(stack, longestStack)];
        isKept = Number(fail.run(...what, attempts, now, id, chunk).changes) > 0;
      });
      return isKept;
    },
    abandon: (id, chunk) => commit('store.letters.abandon', () => void abandon.run(id, chunk)),
    underWay: () => underWay.all().map((row) => Number(row['id'])),
  };
}

/** A change that was committed late may die after a newer one. */
function isOlder(version: number | null, before: number | undefined): boolean {
  return version !== null && before !== undefined && version < before;
}

function bounded(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
