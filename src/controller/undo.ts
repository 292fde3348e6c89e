import type { GenerationReport } from '../model/commands.ts';
import type { Clock } from '../model/clock.ts';
import { SettingError } from '../model/errors.ts';
import { formatTimestamp } from '../model/time.ts';
import { differences } from '../state/differences.ts';
import type { Generation, Generations } from '../state/generations.ts';
import type { KnownStateEntry } from './known-entries.ts';
import type { LookedAt, StateFile } from './state-file.ts';
import { together } from './together.ts';

/** The way back to earlier versions of the file. */
export interface Undo {
  /** The newest writes, newest first. @throws StateError when they cannot be read */
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
    return { text, before: now?.entries ?? [], after, changes: compare({ text, entries: after }, now) };
  };

  return {
    async list(most) {
      const reports: GenerationReport[] = [];
      let later = stateFile.look();
      for (const { number, at, reason } of generations.all().slice(0, most)) {
        const text = generations.read(number);
        const version = text === undefined ? undefined : { text, entries: stateFile.entriesOf(text) };
        reports.push({
          number,
          time: formatTimestamp(at),
          by: reason.by,
          run: reason.by === 'run' ? reason.runId : null,
          changes: compare(later, version),
        });
        later = version;
        // A file of thousands of entries takes a tenth of a second; runs go on in between.
        await clock.sleep(0, AbortSignal.timeout(longestPauseMs));
      }
      return reports;
    },
    plan,
    async restore(number, signal) {
      const { text, changes } = plan(number);
      if (changes.length === 0) return `state.json is already as it was before ${number}`;
      await stateFile.restore(text, signal);
      const [newest] = generations.all();
      const back = newest?.reason.by === 'undo' ? `; undo ${newest.number} takes that back` : '';
      return `state.json is as it was before ${number}${back}`;
    },
  };
}

const longestPauseMs = 1000;

/** What is different in `after`, seen from `before`; empty when nothing is, to the last byte. */
function compare(after: LookedAt | undefined, before: LookedAt | undefined): readonly string[] {
  if (after?.text === before?.text) return [];
  if (!before?.entries) return ['the file could not be read before'];
  if (!after?.entries) return ['the file cannot be read any more'];
  const found = together(differences(before.entries, after.entries)).map(
    ({ label, text }) => `${label}: ${text}`,
  );
  return found.length === 0 ? ['only the order of the entries, or how they are written'] : found;
}

function absent(all: readonly Generation[], number: number): SettingError {
  const [newest] = all;
  const oldest = all.at(-1);
  if (!newest || !oldest) {
    return new SettingError('there is nothing to undo: nothing was written yet', 'undo lists what was');
  }
  const damaged = all.find((generation) => generation.number === number);
  if (damaged) return new SettingError(`${damaged.path} is no state file any more`, 'undo lists the others');
  return new SettingError(
    `there is no version ${number}`,
    `undo lists what there is: ${oldest.number} to ${newest.number}`,
  );
}
