import { basename } from 'node:path';
import type { GenerationReport } from '../model/commands.ts';
import type { Clock } from '../model/clock.ts';
import { SettingError } from '../model/errors.ts';
import { formatTimestamp } from '../model/time.ts';
import type { ReplaceResult } from '../state/commit-result.ts';
import { differences } from '../state/differences.ts';
import type { Generation } from '../state/generations/names.ts';
import type { Generations } from '../state/generations/generations.ts';
import { rebuild } from '../state/generations/rebuild.ts';
import { byGroup } from './group-lines.ts';
import type { KnownStateEntry } from './known-entries.ts';
import type { LookedAt, StateFile } from './state-file.ts';
import { together } from './together.ts';

/** The way back to earlier versions of the file. */
export interface Undo {
  /**
   * The newest writes, newest first. Where the file is missing or broken, the last good version comes first, if it is
   * still known, and can be gone back to like the others. @throws StateError when they cannot be read
   */
  list(most: number): Promise<readonly GenerationReport[]>;
  /** What going back would change. @throws SettingError when there is no such version, or it is damaged */
  plan(number: number): UndoPlan;
  /** Puts the version in place. @returns what was done @throws SettingError as `plan`, StateError as a write */
  restore(number: number, signal: AbortSignal): Promise<string>;
}

export interface UndoPlan {
  readonly text: string;
  readonly before: readonly KnownStateEntry[];
  readonly after: readonly KnownStateEntry[];
  readonly changes: readonly string[];
}

export interface UndoParts {
  readonly stateFile: StateFile;
  readonly generations: Generations;
  readonly clock: Clock;
}

export function createUndo({ stateFile, generations, clock }: UndoParts): Undo {
  const plan = (number: number): UndoPlan => {
    const text = generations.read(number);
    const after = text === undefined ? undefined : stateFile.entriesOf(text);
    if (text === undefined || !after) throw absent(generations.all(), number);
    const now = stateFile.look();
    if (now.kind === 'read') {
      return { text, before: now.entries, after, changes: compare(version(text, after), now) };
    }
    // Runs go on with what was read last, so that is what costs are counted from.
    const { entries: before } = stateFile.last();
    const since = before.length === 0 ? [] : lines(before, after);
    return { text, before, after, changes: [comeBack(now, after), ...since] };
  };

  /** What a person's edit has broken or removed is a version too, where it is still known byte for byte. */
  const keepLast = async (now: LookedAt): Promise<void> => {
    if (now.kind === 'read') return;
    const [newest] = generations.all();
    const before = newest && generations.read(newest.number);
    const { text, raws } = stateFile.last();
    const lost = text ?? (before === undefined ? undefined : rebuild(before, raws));
    if (lost !== undefined && lost !== before) await generations.keeper({ by: 'edit' })(Buffer.from(lost));
  };

  return {
    async list(most) {
      const reports: GenerationReport[] = [];
      const now = stateFile.look();
      await keepLast(now);
      let later: Version | LookedAt = now;
      for (const { number, at, reason } of generations.all().slice(0, most)) {
        const text = generations.read(number);
        const earlier = version(text, text === undefined ? undefined : stateFile.namesOf(text));
        reports.push({
          number,
          time: formatTimestamp(at),
          by: reason.by,
          run: reason.by === 'run' ? reason.runId : null,
          changes: compare(later, earlier),
        });
        later = earlier;
        // A file of thousands of entries takes a tenth of a second; runs go on in between.
        await clock.sleep(0, AbortSignal.timeout(longestPauseMs));
      }
      return reports;
    },
    plan,
    async restore(number, signal) {
      const { text, changes } = plan(number);
      if (changes.length === 0) return `state.json is already as it was before ${number}`;
      const replaced = await stateFile.restore(text, generations.strictKeeper({ by: 'undo' }), signal);
      const kept = generations.all().find(({ reason }) => reason.by === 'undo');
      return `state.json is as it was before ${number}${wayBack(replaced, kept, canBeRead)}`;
    },
  };

  function canBeRead({ number }: Generation): boolean {
    const text = generations.read(number);
    return text !== undefined && stateFile.namesOf(text) !== undefined;
  }
}

const longestPauseMs = 1000;

/** What of a kept version can be read. */
type Version =
  | { readonly kind: 'read'; readonly text: string; readonly entries: readonly KnownStateEntry[] }
  | { readonly kind: 'broken' };

function version(text: string | undefined, entries: readonly KnownStateEntry[] | undefined): Version {
  return text === undefined || !entries ? { kind: 'broken' } : { kind: 'read', text, entries };
}

/** What is different in `after`, seen from `before`; empty when nothing is, to the last byte. */
function compare(after: Version | LookedAt, before: Version | LookedAt): readonly string[] {
  if (before.kind !== 'read') return ['the file could not be read before'];
  if (after.kind === 'missing') return ['the file is not there any more'];
  if (after.kind === 'broken') return ['the file cannot be read any more'];
  if (after.text === before.text) return [];
  const found = lines(before.entries, after.entries);
  return found.length === 0 ? ['only the order of the entries, or how they are written'] : found;
}

/** Differences, one line for entries that differ alike. */
function lines(before: readonly KnownStateEntry[], after: readonly KnownStateEntry[]): readonly string[] {
  return together(byGroup(differences(before, after), before)).map(({ label, text }) => `${label}: ${text}`);
}

/** What going back gives where there is nothing to compare it with. */
function comeBack(now: Exclude<LookedAt, { kind: 'read' }>, after: readonly KnownStateEntry[]): string {
  const count = after.length === 1 ? '1 entry comes back' : `${after.length} entries come back`;
  if (now.kind === 'missing') return `state.json is not there: ${count}`;
  const { line, column, message } = now.problem;
  return `state.json cannot be read (line ${line}, column ${column}: ${message}): ${count}; what stands there now is kept`;
}

/** How to come back to what stood there. */
function wayBack(
  replaced: ReplaceResult,
  kept: Generation | undefined,
  canBeRead: (version: Generation) => boolean,
): string {
  switch (replaced.kind) {
    case 'file':
      if (!kept) return '';
      if (canBeRead(kept)) return `; undo ${kept.number} takes that back`;
      return `; what could not be read is kept in generations/${basename(kept.path)}`;
    case 'aside':
      return `; what stood in its place is ${basename(replaced.path)} now`;
    case 'nothing':
    case 'unchanged':
      return '';
    default:
      return replaced satisfies never;
  }
}

function absent(all: readonly Generation[], number: number): SettingError {
  const [newest] = all;
  const oldest = all.at(-1);
  if (!newest || !oldest) {
    return new SettingError('there is nothing to undo: nothing was written yet', 'undo lists what was');
  }
  const damaged = all.find((generation) => generation.number === number);
  if (damaged) {
    return new SettingError(
      `${damaged.path} is no state file`,
      'copy what you need of it by hand; undo lists the others',
    );
  }
  const isGone = number > 0 && number < newest.number;
  return new SettingError(
    isGone ? `version ${number} is not kept any more` : `there is no version ${number}`,
    `undo lists what there is: ${oldest.number} to ${newest.number}`,
  );
}
