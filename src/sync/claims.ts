import { contentHash } from '../model/ids.ts';
import type { DeadLetter, SourceRecord } from '../model/record.ts';
import { createKeySet } from './key-set.ts';

/** What a page adds to a run. */
export interface Claimed {
  /** Records this run has not published yet, in the page's order. */
  readonly fresh: readonly SourceRecord[];
  /** How many records were left out because this run or the one before had them. */
  readonly ignored: number;
  readonly letters: readonly DeadLetter[];
  readonly mark: PageMark;
}

/** What the checkpoint needs to know of a confirmed page (S8). */
export interface PageMark {
  /** The greatest version inside the window on this page; undefined when the page had none. */
  readonly version: number | undefined;
  /** The keys the page holds at exactly that version. */
  readonly keys: readonly string[];
  /** Records inside the window that neither a page before it nor an earlier session had. */
  readonly read: number;
}

/** Decides for every record read whether it is this run's to publish. Pages must come in their order. */
export interface Claims {
  /** Distinct records read that no earlier session had, for the comparison with the window's total (S7). */
  readonly distinct: number;
  claim(records: readonly SourceRecord[]): Claimed;
  /** Key and stamp (version and content) of the records that the next run's overlap will bring again. */
  readonly tail: ReadonlyMap<string, string>;
  /** What was added to the tail since this was called last: a session that ends here must not leave it unsaved. */
  takeTail(): ReadonlyMap<string, string>;
  /** The window is read from its beginning again: what earlier sessions had counts as unread, for it is not known by key. */
  again(): void;
}

export interface ClaimsOptions {
  readonly service: string;
  /** The window's end; later versions belong to the next run. */
  readonly until: number;
  /** Where a resumed run goes on: its checkpoint's version and the keys confirmed at it (S8). */
  readonly resumed: { readonly version: number; readonly keys: Iterable<string> } | undefined;
  /** The tail of the run before: what of this window is in the queue already, in this version and with this content. */
  readonly known: ReadonlyMap<string, string>;
  /** Where the next run's query begins. */
  readonly tailFrom: number;
}

/** Beyond this many a tail is not kept: the next run publishes those again, which is harmless. */
const longestTail = 50_000;

export function createClaims({ service, until, resumed, known, tailFrom }: ClaimsOptions): Claims {
  const tail = new Map<string, string>();
  let added = new Map<string, string>();
  const read = createKeySet();
  let readInPass = read;
  let before = resumed && { version: resumed.version, keys: new Set(resumed.keys) };
  let readBefore = 0;
  const wasConfirmed = ({ key, version }: SourceRecord): boolean =>
    before !== undefined &&
    (version < before.version || (version === before.version && key !== undefined && before.keys.has(key)));

  return {
    tail,
    takeTail() {
      const taken = added;
      added = new Map();
      return taken;
    },
    get distinct() {
      return read.size - readBefore;
    },
    claim(records) {
      const fresh: SourceRecord[] = [];
      const letters: DeadLetter[] = [];
      let counted = 0;
      let ignored = 0;
      for (const record of newestOfEachKey(records)) {
        const { key, version, value } = record;
        const name = key ?? `without key ${contentHash(JSON.stringify(value))}`;
        const isNew = read.add(name);
        const isNewInPass = readInPass === read ? isNew : readInPass.add(name);
        if (wasConfirmed(record)) {
          readBefore += isNew ? 1 : 0;
          ignored += 1;
          continue;
        }
        if (version > until) continue;
        counted += isNewInPass ? 1 : 0;
        if (!isNew) {
          ignored += 1;
          continue;
        }
        if (key === undefined)
          letters.push({ service, key, reason: 'the record has no key', payload: value });
        else {
          const isTail = version > tailFrom;
          const stamp = isTail || known.has(key) ? stampOf(record) : '';
          if (isTail && tail.size < longestTail) {
            tail.set(key, stamp);
            added.set(key, stamp);
          }
          // Invariant 4: a second change within the same second has another content, and is published.
          if (known.get(key) === stamp) ignored += 1;
          else fresh.push(record);
        }
      }
      return { fresh, ignored, letters, mark: markOf(records, until, counted) };
    },
    again() {
      readInPass = createKeySet();
      before = undefined;
      readBefore = 0;
    },
  };
}

function stampOf({ version, value }: SourceRecord): string {
  return `${version} ${contentHash(JSON.stringify(value))}`;
}

/** Inside a page a key appears once, in its highest version (S11). Records without a key all stay. */
export function newestOfEachKey(records: readonly SourceRecord[]): readonly SourceRecord[] {
  const keys = new Set<string>();
  let keyed = 0;
  for (const { key } of records) {
    if (key === undefined) continue;
    keys.add(key);
    keyed += 1;
  }
  // Nearly always: nothing stands twice.
  if (keys.size === keyed) return records;
  const newest = new Map<string, SourceRecord>();
  for (const record of records) {
    if (record.key === undefined) continue;
    const known = newest.get(record.key);
    if (known === undefined || record.version > known.version) newest.set(record.key, record);
  }
  return records.filter((record) => record.key === undefined || newest.get(record.key) === record);
}

function markOf(records: readonly SourceRecord[], until: number, read: number): PageMark {
  let version: number | undefined;
  let keys: string[] = [];
  for (const record of records) {
    if (record.version > until || record.key === undefined) continue;
    if (version === undefined || record.version > version) {
      version = record.version;
      keys = [];
    }
    if (record.version === version) keys.push(record.key);
  }
  return { version, keys, read };
}
