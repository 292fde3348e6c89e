import type { Write, WriteOutcome } from '../../src/state/write-back.ts';
import { type EntryText, rawOf, repeats, setValues, type StateDocument } from './document.ts';

/** What a write may come to: how it is told, and what the file is then. */
export interface Allowed {
  readonly outcome: WriteOutcome;
  readonly document: StateDocument;
}

/** An entry of the version in force when the write was made: who it is, and what it said. */
export interface InForce {
  readonly key: string;
  readonly raw: Readonly<Record<string, unknown>>;
}

const shaping = [
  'list_id',
  'service',
  'account',
  'start_offset',
  'sink',
  'latest_timestamp',
  'latest_ordinal',
];

type Raw = Readonly<Record<string, unknown>>;

/**
 * What S1, S3 and S4 allow a write to do to a file that reads `document`. Where the rules leave no doubt which entry is
 * meant there is one answer; between entries that are alike, everything that hurts nobody is allowed: to write nothing,
 * or into one entry that reads the same and goes to the same place as what the run read.
 */
export function allowedFor(
  inForce: readonly InForce[],
  document: StateDocument,
  write: Write,
): readonly Allowed[] {
  const known = inForce.find(({ key }) => key === write.identity);
  const nothing = (outcome: WriteOutcome): Allowed => ({ outcome, document });
  if (!known) return [nothing('gone')];

  const into = (index: number): Allowed => {
    const entry = document.entries[index] ?? [];
    const raw = rawOf(entry);
    const intended = { ...write.base, ...write.fields };
    if (write.base && differs(write.base, raw) && differs(intended, raw)) return nothing('moved');
    if (repeats(entry, Object.keys(write.fields))) return nothing('unreadable');
    return { outcome: 'written', document: setValues(document, index, write.fields) };
  };
  const certain = findCertain(inForce, known, document.entries);
  if (certain !== undefined) return [into(certain)];

  const alike = document.entries.flatMap((entry, index) => {
    const raw = rawOf(entry);
    const isLike = subjectOf(raw) === subjectOf(known.raw) || sameId(raw, known.raw);
    return isLike ? [index] : [];
  });
  return [
    nothing('gone'),
    ...(alike.length > 0 ? [nothing('ambiguous')] : []),
    ...alike.map((index) => into(index)),
  ];
}

/** The place of the entry that must be meant; undefined where S3 has to weigh likeness. */
function findCertain(
  inForce: readonly InForce[],
  known: InForce,
  entries: readonly EntryText[],
): number | undefined {
  const now = entries.map((entry) => rawOf(entry));
  const before = inForce.map(({ raw }) => raw);
  const byId = only(now, (raw) => sameId(raw, known.raw));
  if (byId !== undefined && only(before, (raw) => sameId(raw, known.raw)) !== undefined) return byId;

  const isSubject = (raw: Raw): boolean => subjectOf(raw) === subjectOf(known.raw);
  const found = only(now, isSubject);
  if (found === undefined || only(before, isSubject) === undefined) return undefined;
  const idNow = now[found]?.['id'];
  // An id that this entry has now, or had before, may say that it is another one.
  if (isTaken(before, idNow) || isTaken(now, known.raw['id'])) return undefined;
  return found;
}

function isTaken(raws: readonly Raw[], id: unknown): boolean {
  return id !== undefined && raws.some((raw) => raw['id'] === id);
}

function only(raws: readonly Raw[], wanted: (raw: Raw) => boolean): number | undefined {
  const places = raws.flatMap((raw, place) => (wanted(raw) ? [place] : []));
  return places.length === 1 ? places[0] : undefined;
}

function subjectOf(raw: Raw): string {
  return JSON.stringify([raw['list_id'] ?? null, raw['service'] ?? null]);
}

function sameId(left: Raw, right: Raw): boolean {
  return left['id'] !== undefined && left['id'] === right['id'];
}

function differs(left: Raw, right: Raw): boolean {
  return shaping.some((name) => meaning(name, left[name]) !== meaning(name, right[name]));
}

/** What a value says, whichever way it is spelled. */
function meaning(name: string, value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (name !== 'latest_timestamp' || typeof value !== 'string') return JSON.stringify(value);
  if (value === 'null') return 'nothing';
  return String(Date.parse(value.replace(' ', 'T').replace(/Z?$/, 'Z')));
}
