import type { Clock } from '../model/clock.ts';
import { RunError } from '../model/errors.ts';
import type { Entry } from '../model/entry.ts';
import type { Emit, EntryName, RunTotals } from '../model/events.ts';
import { drawRunId } from '../model/ids.ts';
import { formatTimestamp, parseTimestamp } from '../model/time.ts';
import type { Service, ServiceContext } from '../services/contract.ts';
import { changedWindowFields } from '../state/cursor.ts';
import type { Settings } from '../state/settings.ts';
import type { StoredRun } from '../store/runs.ts';
import type { Store } from '../store/store.ts';
import { margin, slid } from '../sync/boundary.ts';
import { type ByteCount, createGate } from '../sync/gate.ts';
import type { Outage } from '../sync/outage.ts';
import { type RangedOutcome, runRanged } from '../sync/ranged-run.ts';
import { frozenWindow, queryWindow } from '../sync/window.ts';
import type { KnownStateEntry } from './known-entries.ts';

type Sink = ReturnType<Service['openSink']>;

/** What a session shares with all others of the process. */
export interface SessionParts {
  readonly store: Store;
  readonly service: Service;
  readonly context: ServiceContext;
  readonly settings: () => Settings;
  readonly outage: Outage;
  readonly unconfirmed: ByteCount;
  readonly clock: Clock;
  readonly emit: Emit;
  /** How long to wait for a queue that is full or down; undefined waits for ever. */
  readonly giveUpMs: number | undefined;
}

export interface SessionSignals {
  readonly cancel: AbortSignal;
  readonly drain: AbortSignal;
  /** The entry as the file has it now (S4). */
  readonly current: () => Entry;
  /** Told as soon as it is known which run it is. */
  readonly onRun: (run: StoredRun) => void;
}

export type SessionOutcome = { readonly run: StoredRun } & RangedOutcome;

/**
 * One session of an entry's run: goes on with the unfinished one, or begins one, and takes it as far as it gets.
 * The run's checkpoint is in the store whatever happens.
 * @param losses how often the queue lost its data under this run
 * @throws what reading and publishing throw; an AbortError when cancelled
 */
export async function runSession(
  entry: KnownStateEntry,
  parts: SessionParts,
  signals: SessionSignals,
  losses = 0,
): Promise<SessionOutcome> {
  const { service, context, settings, store, clock, emit, outage, giveUpMs } = parts;
  const name = { key: entry.key, label: entry.label };
  const { source, traffic } = await service.openSource(entry.entry, context);
  const sink = service.openSink(entry.entry, context);
  const last = await lastKnownRun(name, sink, parts, signals.cancel);
  const unfinished = await findUnfinished(entry, sink, parts, signals.cancel);
  const cursor = cursorOf(entry.entry);
  const { overlap_seconds: overlap } = settings();
  const asked = { since: unfinished ? unfinished.window.since : cursor, until: 0 };
  const resumeAt = unfinished?.checkpoint.version;
  const { now, total } = await source.probe(queryWindow(asked, overlap, resumeAt).since, signals.cancel);
  if (!unfinished) checkCursor(cursor, now);
  const run = unfinished ?? begin(entry, cursor, now, parts);
  signals.onRun(run);
  emit({
    type: 'run.started',
    entry: name,
    runId: run.id,
    mode: run.mode,
    resumed: unfinished !== undefined,
    workers: workersOf(signals.current(), service),
  });
  if (run.mode === 'SYNC' && (entry.entry.start_offset ?? 0) > 0 && !unfinished)
    tellIgnoredOffset(name, emit);
  await outage.ride((signal) => sink.mark(run.id, signal), signals.cancel);
  emit({ type: 'run.window', entry: name, runId: run.id, window: run.window, total });

  let totals: RunTotals = run.totals;
  try {
    const outcome = await runRanged(
      {
        entry: name,
        service: service.name,
        runId: run.id,
        window: run.window,
        whole: queryWindow(run.window, overlap, undefined),
        query: queryWindow(run.window, overlap, resumeAt),
        startOffset: run.mode === 'LOAD' ? (entry.entry.start_offset ?? 0) : 0,
        estimate: total,
        checkpoint: run.checkpoint,
        confirmedKeys: store.runs.confirmedKeys(run.id),
        known: last && follows(run, last) ? store.runs.tail(last.id) : new Map(),
        tailFrom: run.window.until - overlap,
        totals: run.totals,
      },
      {
        source,
        traffic,
        sink,
        gate: createGate({
          sink,
          outage,
          limits: () => limitsOf(settings()),
          unconfirmed: parts.unconfirmed,
          clock,
          emit,
          giveUpMs,
        }),
        outage,
        unconfirmed: parts.unconfirmed,
        clock,
        emit,
        live: () => ({
          workerCount: workersOf(signals.current(), service),
          itemsPerRequest: signals.current().items_per_request ?? service.defaults.itemsPerRequest,
        }),
        save(point, keys, soFar) {
          totals = soFar;
          store.runs.checkpoint(run.id, point, keys, soFar);
        },
        bury(letters) {
          store.deadLetters.add(run.id, letters, clock.now());
          for (const { reason, key } of letters) emit({ type: 'record.dead', entry: name, reason, key });
        },
        mending: { slid, margin },
        cancel: signals.cancel,
        drain: signals.drain,
      },
    );
    const isKept = outcome.kind === 'drained' || (await isRemembered(run.id, sink, parts, signals.cancel));
    if (isKept) return { run, ...outcome };
    if (losses === mostLosses) throw forgetful(sink);
  } catch (error) {
    if (!signals.cancel.aborted) {
      store.runs.failed(run.id, error instanceof Error ? error.message : String(error), totals);
    }
    throw error;
  }
  // The queue lost its data in the middle of the run; the same run is done again, from the beginning of its window.
  return await runSession(entry, parts, signals, losses + 1);
}

/** How often a queue may lose its data under one run before the run gives up. */
const mostLosses = 2;

async function isRemembered(
  runId: string,
  sink: Sink,
  { outage }: SessionParts,
  signal: AbortSignal,
): Promise<boolean> {
  return await outage.ride((inner) => sink.remembers(runId, inner), signal);
}

function forgetful(sink: Sink): RunError {
  return new RunError(`${sink.name} keeps losing what is published to it`, {
    code: 'queue.forgets',
    recovery: 'stop',
    hint: 'check that nothing flushes the store and that its maxmemory-policy is noeviction',
  });
}

/** The entry's unfinished run, if the file and the queue still stand behind it. */
async function findUnfinished(
  entry: KnownStateEntry,
  sink: Sink,
  parts: SessionParts,
  signal: AbortSignal,
): Promise<StoredRun | undefined> {
  const { store, clock, emit } = parts;
  const run = store.runs.unfinished(entry.key);
  if (!run) return undefined;
  const changed = changedWindowFields(run.frozen, entry.raw);
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
  if (run.totals.published === 0) return run;
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
async function lastKnownRun(
  { key, label }: EntryName,
  sink: Sink,
  parts: SessionParts,
  signal: AbortSignal,
): Promise<StoredRun | undefined> {
  const { store, clock, emit } = parts;
  const last = store.runs.lastDone(key);
  if (!last || last.totals.published === 0 || clock.now() - last.started > markerMs) return last;
  if (await isRemembered(last.id, sink, parts, signal)) return last;
  const message =
    `${sink.name} does not know what ${label} published at ${formatTimestamp(Math.floor(last.started / 1000))}: ` +
    'it lost its data, or is another one than then. To publish again what was not consumed, set latest_timestamp back';
  emit({ type: 'notice', level: 'warn', topic: 'queue', message });
  return undefined;
}

/** Whether a run begins where another ended, with nothing else changed: what that one published need not come again. */
function follows(run: StoredRun, last: StoredRun): boolean {
  return (
    run.window.since === last.window.until &&
    changedWindowFields(withoutCursor(run.frozen), withoutCursor(last.frozen)).length === 0
  );
}

function withoutCursor(frozen: StoredRun['frozen']): StoredRun['frozen'] {
  return { ...frozen, latest_timestamp: null };
}

function begin(
  entry: KnownStateEntry,
  cursor: number | null,
  sourceNow: number,
  { store, clock }: SessionParts,
): StoredRun {
  const window = frozenWindow(cursor, sourceNow);
  const run = {
    id: drawRunId(),
    entry: entry.key,
    label: entry.label,
    mode: cursor === null ? ('LOAD' as const) : ('SYNC' as const),
    frozen: entry.raw,
    window,
    cursorTo: formatTimestamp(window.until),
    started: clock.now(),
    totals: { read: 0, published: 0, requests: 0, reread: 0, deadLetters: 0, bytes: 0, seconds: 0 },
  };
  store.runs.begin(run);
  return {
    ...run,
    state: 'running',
    finished: undefined,
    error: undefined,
    checkpoint: { version: undefined, nextPage: 0 },
  };
}

/** How far a cursor may lie ahead of the source's clock: clocks differ. */
const clockToleranceMs = 60_000;

/** A cursor in the future would read nothing for ever and call it in step. */
function checkCursor(cursor: number | null, sourceNow: number): void {
  if (cursor === null || cursor * 1000 <= sourceNow + clockToleranceMs) return;
  throw new RunError(`latest_timestamp ${formatTimestamp(cursor)} lies in the future by the source's clock`, {
    code: 'run.future_cursor',
    recovery: 'config',
    hint: 'set it back to when the entry was last in step, or to null to read everything again',
  });
}

/** The entry's cursor in epoch seconds; null asks for a full load. */
export function cursorOf(entry: Entry): number | null {
  return typeof entry.latest_timestamp === 'string' ? (parseTimestamp(entry.latest_timestamp) ?? null) : null;
}

function workersOf(entry: Entry, service: Service): number {
  return entry.worker_count ?? service.defaults.workerCount;
}

function limitsOf(settings: Settings): { waitingJobs: number; unconfirmedBytes: number } {
  return {
    waitingJobs: settings.max_waiting_jobs,
    unconfirmedBytes: settings.max_unconfirmed_mb * 1_000_000,
  };
}

function tellIgnoredOffset(entry: EntryName, emit: Emit): void {
  emit({
    type: 'notice',
    level: 'info',
    topic: 'controller',
    message: `${entry.label}: start_offset is for full loads only; this run reads changes and ignores it`,
  });
}
