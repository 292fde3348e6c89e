import { RunError } from '../model/errors.ts';
import type { EntryName } from '../model/events.ts';
import { formatTimestamp } from '../model/time.ts';
import type { Sink } from '../services/contract.ts';
import type { StoredRun } from '../store/stored-run.ts';
import type { KnownStateEntry } from './known-entries.ts';
import { editedFields, ownCursor } from './own-cursor.ts';
import type { SessionParts } from './session-contract.ts';

/** How often a queue may lose its data under one run before the run gives up. */
export const mostLosses = 2;

/** Whether the queue still holds a run's marker, which is gone when it lost its data (S13). */
export async function isRemembered(
  runId: string,
  sink: Sink,
  { outage }: SessionParts,
  signal: AbortSignal,
): Promise<boolean> {
  return await outage.ride((inner) => sink.remembers(runId, inner), signal);
}

export function forgetful(sink: Sink): RunError {
  return new RunError(`${sink.name} keeps losing what is published to it`, {
    code: 'queue.forgets',
    recovery: 'stop',
    hint: 'check that nothing flushes the store and that its maxmemory-policy is noeviction',
  });
}

/** The entry's unfinished run, if the file and the queue still stand behind it. */
export async function findUnfinished(
  entry: KnownStateEntry,
  sink: Sink,
  parts: SessionParts,
  signal: AbortSignal,
): Promise<StoredRun | undefined> {
  const { store, clock, emit } = parts;
  const run = store.runs.unfinished(entry.key);
  if (!run) return undefined;
  const changed = editedFields(ownCursor(run), entry.raw);
  if (changed.length > 0) {
    // The file is the person's word (S4).
    store.runs.drop(run.id, clock.now(), `edited: ${changed.join(', ')}`);
    emit({
      type: 'run.cancelled',
      entry: { key: entry.key, label: entry.label },
      runId: run.id,
      reason: `${changed.join(', ')} was edited`,
    });
    return undefined;
  }
  // What consumers have finished is done, whatever the queue forgot since; the rest is published again (S13).
  if (run.totals.published === 0 || sink.grade === 'processed') return run;
  if (await isRemembered(run.id, sink, parts, signal)) return run;
  store.runs.restart(run.id);
  emit({
    type: 'notice',
    level: 'warn',
    topic: 'queue',
    message: `${sink.name} has lost its data: ${entry.label} reads its window from the beginning again`,
  });
  return store.runs.unfinished(entry.key);
}

/** Markers are kept for 90 days; an older run is not expected to be known. */
const markerMs = 89 * 86_400_000;

/**
 * The entry's newest complete run, if the queue still knows it. Says so when it does not (S13), before each run until
 * one completes, as that is when somebody looks.
 */
export async function lastKnownRun(
  { key, label }: EntryName,
  sink: Sink,
  parts: SessionParts,
  signal: AbortSignal,
): Promise<StoredRun | undefined> {
  const { store, clock, emit } = parts;
  const last = store.runs.lastDone(key);
  if (!last || last.totals.published === 0 || sink.grade === 'processed') return last;
  if (clock.now() - last.started > markerMs) return last;
  if (await isRemembered(last.id, sink, parts, signal)) return last;
  const message =
    `${sink.name} does not know what ${label} published at ${formatTimestamp(Math.floor(last.started / 1000))}: ` +
    'it lost its data, or is another one than then. To publish again what was not consumed, set the cursor back';
  emit({ type: 'notice', level: 'warn', topic: 'queue', message });
  return undefined;
}
