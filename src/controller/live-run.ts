import { entryCursor } from '../model/cursor.ts';
import type { RunProgress } from '../model/status.ts';
import type { KnownStateEntry } from './known-entries.ts';
import { memberOf, ownerOf } from '../state/group.ts';
import { editedFields, type OwnCursor } from './own-cursor.ts';

/** A run that is on, or waits for its turn. */
export interface LiveRun {
  /** The entry as it was when the run was decided. */
  readonly entry: KnownStateEntry;
  readonly cancel: AbortController;
  readonly drain: AbortController;
  mode: 'LOAD' | 'SYNC';
  /** False while it waits for its turn. */
  begun: boolean;
  runId: string | undefined;
  /** Undefined until it has begun to read. */
  progress: RunProgress | undefined;
  /** The entry as the run knows it, which moves with what the run itself writes. */
  own: OwnCursor;
  /** The result is being written: the cursor that now changes is our own. */
  finishing: boolean;
  /** Why the run was cancelled. */
  reason: string | undefined;
}

export function createLiveRun(entry: KnownStateEntry): LiveRun {
  return {
    entry,
    cancel: new AbortController(),
    drain: new AbortController(),
    mode: entryCursor(entry.entry) === null ? 'LOAD' : 'SYNC',
    begun: false,
    runId: undefined,
    progress: undefined,
    own: { frozen: entry.raw, intended: undefined },
    finishing: false,
    reason: undefined,
  };
}

/** Ends a run at once; nothing is written for it (S4). */
export function cancelRun(run: LiveRun, reason: string): void {
  run.reason ??= reason;
  run.cancel.abort();
}

/**
 * The file is the person's word, also for what runs (S4): a removed, invalid or differently shaped entry cancels its run,
 * a paused one drains it.
 * @param current the entry in the file now, if it is there
 */
export function supervise(run: LiveRun, current: KnownStateEntry | undefined): void {
  if (run.finishing) return;
  if (!current) return cancelRun(run, 'the entry was removed');
  if (current.problem) return cancelRun(run, 'the entry became invalid');
  const changed = editedFields(run.own, current.raw);
  if (changed.length > 0) cancelRun(run, `${changed.join(', ')} was edited`);
  else if (current.entry.paused === true) run.drain.abort();
}

/**
 * The ordinal that a cancelled run had reached in the file (S5), where it still stands; undefined when the run wrote none,
 * or a person has moved it since.
 * @param current the entry in the file now, if it is there
 */
export function keptOrdinal(
  { entry, own }: LiveRun,
  current: KnownStateEntry | undefined,
): number | undefined {
  const { member } = ownerOf(entry.key);
  // A group's entry that became invalid stands there for its services.
  const isWhole = member !== undefined && current !== undefined && current.key !== entry.key;
  const now = (isWhole ? memberOf(current.raw, member) : current?.raw)?.['latest_ordinal'];
  return typeof now === 'number' && (now === own.frozen['latest_ordinal'] || now === own.intended)
    ? now
    : undefined;
}
