import { canonical } from './canonical.ts';
import { changedWindowFields } from './cursor.ts';
import { inGroup, memberOf, ownerOf } from './group.ts';
import { matchEntries, type KnownEntry, type MatchedEntry } from './match.ts';
import { mergeWriteBack, type EntryEdit, type JsonValue } from './merge.ts';
import { parseState, type RawEntry } from './parse.ts';

/** What a run or a person's command wants to write into the entry that has an identity. */
export interface Write {
  /** Of an entry, or of one service of a group's entry; `fields` and `base` are then those of an entry of its own (S16). */
  readonly identity: string;
  readonly fields: Readonly<Record<string, JsonValue>>;
  /**
   * The entry as the run knew it. When a person has changed a window-shaping field since, nothing is written for the
   * entry (S4); what an earlier try has already put there is no such change. Absent for a person's own command, which is always written.
   */
  readonly base?: RawEntry;
}

/**
 * `written`; `gone`: a person removed the entry; `moved`: a person changed a window-shaping field, the result is void;
 * `ambiguous`: nothing tells which entry it is (S3); `unreadable`: the entry has a key twice, try again when corrected.
 */
export type WriteOutcome = 'written' | 'gone' | 'moved' | 'ambiguous' | 'unreadable';

export interface WrittenBack {
  /** The new text; the same as before when nothing had to change. */
  readonly text: string;
  /** The entries of the new text, in its order: what the next version is matched to. */
  readonly entries: readonly MatchedEntry[];
  /** One for each write, in order. */
  readonly outcomes: readonly WriteOutcome[];
}

/**
 * The three-way merge of a write-back: `known` is the version last read, `text` the file as it stands now, `writes` what
 * we have to add. Whatever a person changed between the two stays. Pure but for `draw`. Undefined when the text is not
 * readable just now (an editor is saving, or a person is in the middle of a change): keep the result and try again.
 */
export function writeBack(
  known: readonly KnownEntry[],
  text: string,
  writes: readonly Write[],
  draw: () => string,
): WrittenBack | undefined {
  const parsed = parseState(text, { file: 'state.json' });
  if (!parsed.ok) return undefined;
  const raws = parsed.entries.map((entry) => entry.raw);
  const { entries } = matchEntries(known, raws, draw);
  const unsure = new Set(
    entries.filter((entry) => entry.kind === 'ambiguous').map((entry) => subjectOf(entry.raw)),
  );
  const before = new Map(known.map((entry) => [entry.identity, entry.raw]));

  const decided = writes.map((write): EntryEdit | WriteOutcome => {
    const { identity, member } = ownerOf(write.identity);
    const index = entries.findIndex((entry) => entry.kind === 'same' && entry.identity === identity);
    const entry = entries[index];
    if (!entry) {
      const lost = before.get(identity);
      return lost && unsure.has(subjectOf(lost)) ? 'ambiguous' : 'gone';
    }
    const { base } = write;
    const now = member === undefined ? entry.raw : memberOf(entry.raw, member);
    if (base && !isAsKnown(base, write.fields, now)) return 'moved';
    const fields = member === undefined ? write.fields : inGroup(write.fields, member);
    return { index, fields };
  });
  const { text: current, outcomes } = mergeAll(text, decided);

  const after = parseState(current, { file: 'state.json' });
  if (!after.ok) return undefined;
  const renewed = entries.map(({ identity, kind, raw }, index) => {
    return { identity, kind, raw: after.entries[index]?.raw ?? raw };
  });
  return { text: current, entries: renewed, outcomes };
}

/** Still what the run knew, or already what the run made of it: a try before this one got as far as the rename (S9). */
function isAsKnown(base: RawEntry, fields: Write['fields'], now: RawEntry): boolean {
  return (
    changedWindowFields(base, now).length === 0 ||
    changedWindowFields({ ...base, ...fields }, now).length === 0
  );
}

function subjectOf(raw: RawEntry): string {
  return canonical([raw['list_id'], raw['service']]);
}

/** All at once, for thousands would each read the whole file; one by one where one of them is unreadable. */
function mergeAll(
  text: string,
  decided: readonly (EntryEdit | WriteOutcome)[],
): { readonly text: string; readonly outcomes: readonly WriteOutcome[] } {
  const isEdit = (one: EntryEdit | WriteOutcome): one is EntryEdit => typeof one === 'object';
  const edits = decided.filter(isEdit);
  // Two services of one group write into the same object, one after the other.
  const isApart = new Set(edits.map(({ index }) => index)).size === edits.length;
  const whole = isApart ? tryMerge(text, edits) : undefined;
  if (whole !== undefined) {
    return { text: whole, outcomes: decided.map((one) => (isEdit(one) ? 'written' : one)) };
  }
  let current = text;
  const outcomes = decided.map((one): WriteOutcome => {
    if (!isEdit(one)) return one;
    const merged = tryMerge(current, [one]);
    if (merged === undefined) return 'unreadable';
    current = merged;
    return 'written';
  });
  return { text: current, outcomes };
}

function tryMerge(text: string, edits: readonly EntryEdit[]): string | undefined {
  try {
    return mergeWriteBack(text, edits);
  } catch {
    return undefined;
  }
}
