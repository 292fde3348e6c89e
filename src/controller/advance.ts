import type { Clock } from '../model/clock.ts';
import { asSluiceError, isAbort } from '../model/errors.ts';
import type { Emit, EntryName } from '../model/events.ts';
import type { RawEntry } from '../state/parse.ts';
import type { RunStore } from '../store/runs.ts';
import type { StoredRun } from '../store/stored-run.ts';
import type { StateFile } from './state-file.ts';

/** Moves `latest_ordinal` in the file while a run goes on, so that whoever looks sees how far it is (S5). */
export interface Advance {
  /** Everything up to the ordinal is confirmed; it is written now and then. */
  reached(ordinal: number): void;
  /** Writes what was reached and is not in the file yet. Never rejects. */
  flush(): Promise<void>;
  /** Resolves when no write is on or in doubt: whoever writes next finds the entry as the run knows it. Never rejects. */
  rest(): Promise<void>;
}

export interface AdvanceParts {
  readonly run: Pick<StoredRun, 'id' | 'frozen'>;
  readonly entry: EntryName;
  /** The ordinal the file has. */
  readonly from: number;
  readonly runs: RunStore;
  readonly stateFile: Pick<StateFile, 'write' | 'refresh'>;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Told before and after each write what the file's entry may be: a change to that is no edit of a person's. */
  readonly onWrite: (frozen: RawEntry, intended: number | undefined) => void;
}

const everyMs = 10_000;

export function createAdvance(parts: AdvanceParts): Advance {
  const { run, entry, from, runs, stateFile, clock, emit, signal, onWrite } = parts;
  let { frozen } = run;
  let written = from;
  let goal = from;
  /** What the last write was to put there, while it is not known whether it did. */
  let inDoubt: number | undefined;
  let wroteAt = clock.elapsed();
  let writing: Promise<void> | undefined;
  let problem: string | undefined;

  const write = async (ordinal: number): Promise<void> => {
    wroteAt = clock.elapsed();
    // In this order: a kill in between leaves an ordinal in the file that is known to be the run's own (S9).
    runs.intend(run.id, ordinal);
    onWrite(frozen, ordinal);
    inDoubt = ordinal;
    const fields = { latest_ordinal: ordinal };
    const [outcome] = await stateFile.write([{ identity: entry.key, fields, base: frozen }], signal);
    inDoubt = undefined;
    if (outcome !== 'written') return;
    frozen = { ...frozen, ...fields };
    runs.advanced(run.id, frozen);
    onWrite(frozen, undefined);
    written = ordinal;
    emit({ type: 'run.advanced', entry, runId: run.id, cursor: ordinal });
  };

  const tryWrite = async (): Promise<void> => {
    try {
      // A write that failed may have got as far as the rename; the same again is no edit of a person's (S9).
      if (inDoubt !== undefined) await write(inDoubt);
      if (goal > written) await write(goal);
      problem = undefined;
    } catch (error) {
      if (isAbort(error)) return;
      const { message } = asSluiceError(error);
      lookAgain();
      // The checkpoint is safe in the store; the file follows at the next try, or at the end.
      if (message !== problem) emit({ type: 'notice', level: 'warn', topic: 'state', message });
      problem = message;
    }
  };

  /** It may have got as far as the rename: what stands there now is what whoever writes next builds on. */
  const lookAgain = (): void => {
    try {
      stateFile.refresh();
    } catch {
      // Told by the next check, which reads it too.
    }
  };

  return {
    reached(ordinal) {
      // Invariant 3, and S10: the overlap never shows.
      goal = Math.max(goal, ordinal);
      if (writing || goal <= written || clock.elapsed() - wroteAt < everyMs) return;
      writing = tryWrite().finally(() => (writing = undefined));
    },
    async flush() {
      await writing;
      if (inDoubt !== undefined || goal > written) await tryWrite();
    },
    async rest() {
      await writing;
      if (inDoubt !== undefined) await tryWrite();
    },
  };
}
