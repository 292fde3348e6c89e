import type { Clock } from '../model/clock.ts';
import { asSluiceError, isAbort } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import type { OrdinalKeys } from '../model/ordinal-keys.ts';
import { cursorFields } from '../model/cursor.ts';
import type { Store } from '../store/store.ts';
import type { RunEnd } from '../store/runs.ts';
import type { StoredRun } from '../store/stored-run.ts';
import { acknowledged, ownCursor } from './own-cursor.ts';
import type { StateFile } from './state-file.ts';

/** The end of a run, in the order that survives a kill at any moment (S9). */
export interface Completion {
  /** Commits that a run has confirmed everything, and writes its result into `state.json`. */
  finish(run: StoredRun, end: RunEnd, signal: AbortSignal): Promise<void>;
  /** Goes on with ends that were begun: after a kill, or while the file could not be written. */
  catchUp(signal: AbortSignal): Promise<void>;
}

export interface CompletionParts {
  readonly store: Store;
  readonly stateFile: StateFile;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly ordinalKeys?: OrdinalKeys | undefined;
}

export function createCompletion({
  store,
  stateFile,
  clock,
  emit,
  ordinalKeys,
}: CompletionParts): Completion {
  let problem: string | undefined;
  let turn: Promise<void> = Promise.resolve();

  const writeBack = async (run: StoredRun, signal: AbortSignal): Promise<void> => {
    const entry = stateFile.entries.find(({ key }) => key === run.entry);
    const fields = {
      // Invariant 1: everything up to here is confirmed. Invariant 3: never before the cursor it began at (frozenWindow).
      ...cursorFields(run.cursorTo),
      elapsed_seconds: Math.round(run.totals.seconds * 10) / 10,
      total_updates: run.totals.published,
    };
    // Also when the file says so already, after a kill behind the rename: its folder may not be synced yet (invariant 3).
    const base = entry ? acknowledged(ownCursor(run), entry.raw) : run.frozen;
    const kept = { by: 'run', runId: run.id } as const;
    const [outcome] = await stateFile.write([{ identity: run.entry, fields, base }], signal, kept);
    switch (outcome) {
      case 'written':
        return settle(run);
      case 'gone':
        return drop(run, 'the entry was removed');
      case 'moved':
        return drop(run, 'its cursor or its source was edited');
      case 'ambiguous':
        return drop(run, 'it cannot be told from other entries any more');
      case 'unreadable':
      case undefined:
        // The result waits in the store; the file's own problem is told by whoever reads it.
        return;
    }
  };

  const settle = (run: StoredRun): void => {
    store.runs.done(run.id, clock.now());
    follow(run);
    emit({
      type: 'run.finished',
      entry: { key: run.entry, label: run.label },
      runId: run.id,
      cursor: run.cursorTo,
      totals: run.totals,
    });
  };
  /** The old importer's keys go where the file went (S16). */
  const follow = ({ span, frozen, cursorTo }: StoredRun): void => {
    const { service } = frozen;
    if (typeof service !== 'string') return;
    if (span.kind === 'whole') ordinalKeys?.done(service);
    else if (typeof cursorTo === 'number') ordinalKeys?.reached(service, cursorTo);
  };
  const drop = (run: StoredRun, reason: string): void => {
    store.runs.drop(run.id, clock.now(), reason);
    emit({ type: 'run.cancelled', entry: { key: run.entry, label: run.label }, runId: run.id, reason });
  };

  return {
    async finish(run, end, signal) {
      store.runs.complete(run.id, end);
      await this.catchUp(signal);
    },
    // One at a time: two runs that end together must not both finish what both of them find.
    catchUp(signal) {
      turn = turn.then(
        () => writeAll(signal),
        () => writeAll(signal),
      );
      return turn;
    },
  };

  async function writeAll(signal: AbortSignal): Promise<void> {
    for (const run of store.runs.completing()) {
      try {
        await writeBack(run, signal);
        problem = undefined;
      } catch (error) {
        if (isAbort(error)) throw error;
        const { message, hint } = asSluiceError(error);
        if (message !== problem) {
          const advice = hint === undefined ? '' : ` - ${hint}`;
          const text = `the result of ${run.label} is kept and written later: ${message}${advice}`;
          emit({ type: 'notice', level: 'error', topic: 'state', message: text });
        }
        problem = message;
      }
    }
  }
}
