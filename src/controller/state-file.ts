import { StateError } from '../model/errors.ts';
import type { Emit, FileProblem } from '../model/events.ts';
import { formatTimestamp } from '../model/time.ts';
import type { Committer } from '../state/commit.ts';
import { type KnownEntry, type MatchedEntry, matchEntries } from '../state/match.ts';
import { type ParseOptions, parseState } from '../state/parse.ts';
import { readFileText } from '../state/read.ts';
import { type Write, type WriteOutcome, type WrittenBack, writeBack } from '../state/write-back.ts';
import type { EntryStore } from '../store/entries.ts';
import { type KnownStateEntry, nameEntries } from './known-entries.ts';

/** `state.json` as the controller sees it: the version in force, and who each entry is. */
export interface StateFile {
  /** The entries of the last good version, in its order. */
  readonly entries: readonly KnownStateEntry[];
  /**
   * Takes the file's newest version into force, if it is a good one; otherwise the last good one stays (invariant 5).
   * @throws StateError when the file cannot be used and there is no good version in memory
   */
  refresh(): void;
  /** Writes into entries that are still what they were, durably (S5). `unreadable` leaves the file alone: try again. */
  write(writes: readonly Write[], signal: AbortSignal): Promise<readonly WriteOutcome[]>;
}

export interface StateFileOptions {
  readonly path: string;
  /** What messages call the file. */
  readonly shownPath: string;
  readonly parse: Omit<ParseOptions, 'file'>;
  readonly store: EntryStore;
  readonly committer: Committer;
  readonly drawIdentity: () => string;
  readonly now: () => number;
  readonly emit: Emit;
}

export function createStateFile(options: StateFileOptions): StateFile {
  const { path, shownPath, store, committer, drawIdentity, now, emit } = options;
  let known: readonly KnownEntry[] = store.all();
  let entries: readonly KnownStateEntry[] = [];
  let text: string | undefined;
  let readAt = 0;
  let rejected: string | undefined;
  const told = new Map<string, string>();

  const reject = (problem: FileProblem): void => {
    if (text === undefined) throw unusable(problem);
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
    entries = nameEntries(parsed.entries, known);
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

  return {
    get entries() {
      return entries;
    },
    refresh() {
      const file = readFileText(path, shownPath);
      if (file.ok) adopt(file.text);
      else reject(file.problem);
    },
    async write(writes, signal) {
      let written: WrittenBack | undefined;
      const before = known;
      const result = await committer.commit((current) => {
        written = writeBack(before, current, writes, drawIdentity);
        return written?.text;
      }, signal);
      if (result.kind === 'missing' || result.kind === 'not-ready' || !written) {
        return writes.map(() => 'unreadable');
      }
      // Whatever a person changed meanwhile comes into force with it. The identities are those of the merge: matching
      // anew would take two entries that were alike for each other, now that the cursor of one of them has moved.
      const { outcomes, entries: identities } = written;
      adopt(result.text, identities);
      return outcomes;
    },
  };
}

function unusable({ file, line, column, message }: FileProblem): StateError {
  return new StateError(`${file}, line ${line}, column ${column}: ${message}`, {
    code: 'state.unparsable',
    recovery: 'config',
    hint: 'correct the file and start again; it was left as it is',
  });
}
