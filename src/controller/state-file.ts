import { StateError } from '../model/errors.ts';
import type { Emit, FileProblem } from '../model/events.ts';
import { formatTimestamp } from '../model/time.ts';
import type { Committer } from '../state/commit.ts';
import type { ReplaceResult } from '../state/commit-result.ts';
import type { WriteReason } from '../state/generations/names.ts';
import type { Generations, Keep } from '../state/generations/generations.ts';
import { type KnownEntry, type MatchedEntry, matchEntries } from '../state/match.ts';
import { type ParseOptions, parseState, type RawEntry } from '../state/parse.ts';
import { readFileText } from '../state/read.ts';
import { type Write, type WriteOutcome, type WrittenBack, writeBack } from '../state/write-back.ts';
import type { EntryStore } from '../store/entries.ts';
import { type Groups, type KnownStateEntry, nameEntries } from './known-entries.ts';

/** `state.json` as the controller sees it: the version in force, and who each entry is. */
export interface StateFile {
  /** The entries of the last good version, in its order. */
  readonly entries: readonly KnownStateEntry[];
  /**
   * Takes the file's newest version into force, if it is a good one; otherwise the last good one stays (invariant 5).
   * @throws StateError when the file cannot be used and there is no good version in memory
   */
  refresh(): void;
  /**
   * Writes into entries that are still what they were, durably (S5). `unreadable` leaves the file alone: try again.
   * With a reason, the version before is kept for `undo`; an ordinal in the middle of a run has none.
   */
  write(
    writes: readonly Write[],
    signal: AbortSignal,
    reason?: WriteReason,
  ): Promise<readonly WriteOutcome[]>;
  /** What the file as it stands would become; writes nothing. Undefined when it cannot be read just now. */
  plan(writes: readonly Write[]): PlannedWrite | undefined;
  /** The file as it stands. */
  look(): LookedAt;
  /** The last good version, as it was read. */
  last(): LastGood;
  /** The entries of another version of the file; undefined when the text is no such thing. */
  entriesOf(text: string): readonly KnownStateEntry[] | undefined;
  /** The same without who they are: for one of many versions to look at, of thousands of entries each. */
  namesOf(text: string): readonly KnownStateEntry[] | undefined;
  /**
   * Puts a whole text in the place of the file, durably, byte for byte, also where the file is missing or broken; what
   * stands there is given to `keep` first. @throws StateError as a write does, and what `keep` throws
   */
  restore(text: string, keep: Keep, signal: AbortSignal): Promise<ReplaceResult>;
}

export interface PlannedWrite {
  readonly entries: readonly KnownStateEntry[];
  /** One for each write, in order. */
  readonly outcomes: readonly WriteOutcome[];
}

export type LookedAt =
  | { readonly kind: 'read'; readonly text: string; readonly entries: readonly KnownStateEntry[] }
  /** It is no list of entries, or no text at all. */
  | { readonly kind: 'broken'; readonly problem: FileProblem }
  | { readonly kind: 'missing'; readonly problem: FileProblem };

export interface LastGood {
  /** Undefined when none was read since the start: the database keeps what the entries were, not how they were written. */
  readonly text: string | undefined;
  readonly entries: readonly KnownStateEntry[];
  /** The objects of the file. */
  readonly raws: readonly RawEntry[];
}

export interface StateFileOptions {
  readonly path: string;
  /** What messages call the file. */
  readonly shownPath: string;
  readonly parse: Omit<ParseOptions, 'file'>;
  readonly store: EntryStore;
  readonly committer: Committer;
  readonly groups: Groups;
  readonly generations: Pick<Generations, 'keeper' | 'any'>;
  readonly drawIdentity: () => string;
  readonly now: () => number;
  readonly emit: Emit;
}

export function createStateFile(options: StateFileOptions): StateFile {
  const { path, shownPath, store, committer, generations, drawIdentity, now, emit } = options;
  let known: readonly KnownEntry[] = store.all();
  let entries: readonly KnownStateEntry[] = [];
  let text: string | undefined;
  let readAt = 0;
  let rejected: string | undefined;
  const told = new Map<string, string>();

  const reject = (problem: FileProblem, isMissing = false): void => {
    if (text === undefined) throw unusable(problem, isMissing, generations.any());
    const key = JSON.stringify(problem);
    if (key === rejected) return;
    rejected = key;
    emit({ type: 'state.rejected', problem, kept: formatTimestamp(Math.floor(readAt / 1000)) });
  };

  /** Puts a version into force. */
  const adopt = (next: string, identities?: readonly MatchedEntry[]): void => {
    const parsed = parseState(next, { ...options.parse, file: shownPath });
    if (!parsed.ok) return reject(parsed.problem);
    if (rejected !== undefined) emit({ type: 'state.accepted' });
    rejected = undefined;
    if (next === text) return;
    const raws = parsed.entries.map((entry) => entry.raw);
    const matched = identities ?? matchEntries(known, raws, drawIdentity).entries;
    known = matched;
    entries = nameEntries(parsed.entries, known, options.groups);
    store.replace(known);
    if (text !== undefined && !identities) emit({ type: 'state.changed', entries: entries.length });
    text = next;
    readAt = now();
    for (const [index, { kind }] of matched.entries()) {
      if (kind === 'ambiguous') tellAmbiguous(entries[index]);
    }
    for (const { index, problem } of parsed.warnings) tellOnce(entries[index], problem, 'warning');
    for (const entry of entries) if (entry.problem) tellOnce(entry, entry.problem, 'invalid');
  };

  const tellOnce = (
    entry: KnownStateEntry | undefined,
    problem: FileProblem,
    kind: 'warning' | 'invalid',
  ): void => {
    if (!entry || told.get(entry.key + kind) === problem.message) return;
    told.set(entry.key + kind, problem.message);
    if (kind === 'invalid') emit({ type: 'entry.invalid', problem, label: entry.label });
    else notice(`${entry.label}, line ${problem.line}: ${problem.message}`);
  };
  const tellAmbiguous = (entry: KnownStateEntry | undefined): void => {
    notice(
      `${entry?.label ?? 'an entry'} may be either of several entries of the version before; ` +
        'nothing is written for those, and their runs are repeated. Give each an "id" to tell them apart',
    );
  };
  const notice = (message: string): void => {
    emit({ type: 'notice', level: 'warn', topic: 'state', message });
  };

  const named = (version: string, who: (raws: readonly RawEntry[]) => readonly KnownEntry[]) => {
    const parsed = parseState(version, { ...options.parse, file: shownPath });
    if (!parsed.ok) return parsed;
    const raws = parsed.entries.map(({ raw }) => raw);
    return { ok: true, entries: nameEntries(parsed.entries, who(raws), options.groups) } as const;
  };
  const asKnown = (raws: readonly RawEntry[]): readonly KnownEntry[] =>
    matchEntries(known, raws, drawIdentity).entries;

  return {
    get entries() {
      return entries;
    },
    refresh() {
      const file = readFileText(path, shownPath);
      if (file.ok) adopt(file.text);
      else reject(file.problem, file.missing);
    },
    async write(writes, signal, reason) {
      let written: WrittenBack | undefined;
      // Not what is known now: writes that are in turn before this one may move what two alike entries are told by.
      let before: readonly KnownEntry[] | undefined;
      const result = await committer.commit(
        (current) => {
          before ??= known;
          written = writeBack(before, current, writes, drawIdentity);
          return written?.text;
        },
        signal,
        reason && generations.keeper(reason),
      );
      if (result.kind === 'missing' || result.kind === 'not-ready' || !written) {
        return writes.map(() => 'unreadable');
      }
      // Whatever a person changed meanwhile comes into force with it. The identities are those of the merge: matching
      // anew would take two entries that were alike for each other, now that the cursor of one of them has moved.
      const { outcomes, entries: identities } = written;
      adopt(result.text, identities);
      return outcomes;
    },
    plan(writes) {
      const file = readFileText(path, shownPath);
      const planned = file.ok ? writeBack(known, file.text, writes, drawIdentity) : undefined;
      if (!planned) return undefined;
      const parsed = parseState(planned.text, { ...options.parse, file: shownPath });
      if (!parsed.ok) return undefined;
      return {
        entries: nameEntries(parsed.entries, planned.entries, options.groups),
        outcomes: planned.outcomes,
      };
    },
    look() {
      const file = readFileText(path, shownPath);
      if (!file.ok) return { kind: file.missing ? 'missing' : 'broken', problem: file.problem };
      const found = named(file.text, asKnown);
      if (!found.ok) return { kind: 'broken', problem: found.problem };
      return { kind: 'read', text: file.text, entries: found.entries };
    },
    last() {
      const raws = known.map(({ raw }) => raw);
      if (text !== undefined) return { text, entries, raws };
      const found = named(JSON.stringify(raws), () => known);
      return { text, entries: found.ok ? found.entries : [], raws };
    },
    entriesOf(version) {
      const found = named(version, asKnown);
      return found.ok ? found.entries : undefined;
    },
    namesOf(version) {
      const found = named(version, (raws) => raws.map((raw, index) => ({ identity: String(index), raw })));
      return found.ok ? found.entries : undefined;
    },
    async restore(version, keep, signal) {
      const replaced = await committer.replace(version, signal, keep);
      adopt(version);
      return replaced;
    },
  };
}

function unusable(
  { file, line, column, message }: FileProblem,
  isMissing: boolean,
  canUndo: boolean,
): StateError {
  const place = isMissing ? file : `${file}, line ${line}, column ${column}`;
  const mend = isMissing ? 'write one' : 'correct the file';
  const undo = canUndo ? ', or bring an earlier version back: ./run.sh undo' : '';
  const hint = `${mend}${undo}; ${isMissing ? 'then start again' : 'it was left as it is'}`;
  return new StateError(`${place}: ${message}`, { code: 'state.unparsable', recovery: 'config', hint });
}
