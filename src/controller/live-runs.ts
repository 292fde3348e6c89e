import type { Clock } from '../model/clock.ts';
import { entryCursor, type Cursor } from '../model/cursor.ts';
import { asSluiceError, isAbort } from '../model/errors.ts';
import type { Emit, EntryName, EventBody } from '../model/events.ts';
import { retryTime } from '../schedule/due.ts';
import type { Catalogue } from '../services/catalogue.ts';
import type { ServiceContext } from '../services/contract.ts';
import { ownerOf } from '../state/group.ts';
import type { Store } from '../store/store.ts';
import { createFullQueues } from '../sync/full-queues.ts';
import type { Outage } from '../sync/outage.ts';
import { createRunQueue, type RunQueue } from '../sync/runs.ts';
import type { Completion } from './completion.ts';
import type { Failures } from './failures.ts';
import type { KnownStateEntry } from './known-entries.ts';
import type { PassResult } from './passes.ts';
import { createLiveRun, keptOrdinal, type LiveRun, supervise } from './live-run.ts';
import { progressAfter } from './run-progress.ts';
import { runSession } from './session.ts';
import type { Starts } from './starts.ts';
import type { SettingsInForce } from './settings-in-force.ts';
import type { StateFile } from './state-file.ts';
import type { LiveState } from './status.ts';

/** The runs that are on or wait for their turn, at most one an entry. */
export interface LiveRuns {
  readonly byEntry: ReadonlyMap<string, LiveRun>;
  /** How many have begun. */
  readonly running: number;
  /** How many runs have failed since the start. */
  readonly failed: number;
  /** What is on for an entry. */
  stateOf(key: string): LiveState;
  /** Whether the entry has had its run; `go --once` gives each one only. */
  hasHadOne(key: string): boolean;
  /** Whether a run since the last regular check has brought the entry to the cursor it has now. */
  rests(entry: KnownStateEntry): boolean;
  /** A regular check begins: age and schedule count again. */
  wakeAll(): void;
  /** Begins a run of an entry that has none, as soon as there is a place for it. */
  start(entry: KnownStateEntry): void;
  /** Cancels or drains what the newest version of the file speaks against (S4). */
  supervise(): void;
  /** How many of one service or group may be on at the same time. */
  resize(limit: number): void;
  /** Drops what has not begun and resolves when every other run has come to rest. */
  comeToRest(): Promise<void>;
}

export interface LiveRunsParts {
  readonly stateFile: StateFile;
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly context: ServiceContext;
  readonly settings: SettingsInForce;
  readonly failures: Failures;
  readonly starts: Starts;
  readonly completion: Completion;
  readonly outage: Outage;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly once: boolean;
  /** Ends all sessions at once. */
  readonly force: AbortSignal;
  /** Drains all sessions. */
  readonly quitting: AbortSignal;
  /** A run has come to its end; `failed` also when it was cut short or cancelled. */
  readonly onEnd: (key: string, result: PassResult) => void;
}

export function createLiveRuns(parts: LiveRunsParts): LiveRuns {
  const { stateFile, store, catalogue, context, settings, failures, starts, completion } = parts;
  const { outage, clock, emit, once, force, quitting, onEnd } = parts;
  const byEntry = new Map<string, LiveRun>();
  const sessions = new Set<Promise<void>>();
  /** One a service or group: what waits for consumers of one queue must not hold up the others. */
  const queues = new Map<string, RunQueue>();
  const queueOf = ({ entry }: KnownStateEntry): RunQueue => {
    const { name, group = name } = catalogue.of(entry);
    const found = queues.get(group) ?? createRunQueue(settings.current.parallel_entries);
    queues.set(group, found);
    return found;
  };
  const unconfirmed = { value: 0 };
  const full = createFullQueues(emit);
  /** The cursors that runs since the last regular check have reached, by entry. */
  const restsAt = new Map<string, Cursor>();
  const settled = new Set<string>();
  let failed = 0;

  /** @returns how it ended. Never rejects. */
  const run = async (live: LiveRun): Promise<PassResult> => {
    const { entry } = live;
    const name: EntryName = { key: entry.key, label: entry.label };
    // Paused, or asked to quit, while it waited for its turn.
    if (live.drain.signal.aborted || quitting.aborted) return 'failed';
    live.begun = true;
    try {
      const session = {
        store,
        stateFile,
        service: catalogue.of(entry.entry),
        context,
        settings: () => settings.current,
        outage,
        unconfirmed,
        full,
        clock,
        emit(event: EventBody) {
          live.progress = progressAfter(live.progress, event);
          emit(event);
        },
        giveUpMs: once ? settings.current.confirm_wait_seconds * 1000 : undefined,
      };
      const outcome = await runSession(entry, session, {
        cancel: AbortSignal.any([live.cancel.signal, force]),
        drain: AbortSignal.any([live.drain.signal, quitting]),
        current: () => inFile(entry.key)?.entry ?? entry.entry,
        onRun: (stored) => {
          live.runId = stored.id;
          live.mode = stored.mode;
          starts.note(stored);
        },
        onWrite: (frozen, intended) => (live.own = { frozen, intended }),
      });
      failures.clear(entry);
      settled.add(entry.key);
      // Cancelled in the moment it came to rest.
      if (live.reason !== undefined) {
        settle(live, name, undefined);
        return 'failed';
      }
      if (outcome.kind === 'drained') {
        emit({
          type: 'run.drained',
          entry: name,
          runId: outcome.run.id,
          published: outcome.totals.published,
        });
        return 'failed';
      }
      live.finishing = true;
      restsAt.set(entry.key, outcome.cursorTo);
      await completion.finish(outcome.run, outcome, force);
      return 'confirmed';
    } catch (error) {
      settle(live, name, error);
      return asSluiceError(error).code === 'source.forbidden' ? 'forbidden' : 'failed';
    }
  };

  const settle = (live: LiveRun, name: EntryName, thrown: unknown): void => {
    const runId = live.runId ?? '';
    if (live.reason !== undefined) {
      // Nothing is written for a cancelled run (S4).
      if (live.runId !== undefined) store.runs.drop(live.runId, clock.now(), live.reason);
      const kept = keptOrdinal(live, inFile(live.entry.key));
      emit({
        type: 'run.cancelled',
        entry: name,
        runId,
        reason: live.reason,
        ...(kept === undefined ? {} : { kept }),
      });
      return;
    }
    if (force.aborted && isAbort(thrown)) return;
    const error = asSluiceError(thrown);
    failed += 1;
    settled.add(live.entry.key);
    const pause = error.code === 'run.too_many_dead' ? 'longest' : 'growing';
    const now = inFile(live.entry.key) ?? live.entry;
    failures.note(live.entry, now, { reason: error.message, pause });
    const retryAt = once ? undefined : retryTime(failures.of(now));
    emit({ type: 'run.failed', entry: name, runId, error, retryAt });
  };

  /** A run that was cancelled while it waited for its turn may go on with an earlier session's: that one is over too. */
  const settleUnbegun = ({ entry, reason, begun }: LiveRun): void => {
    const stored = store.runs.unfinished(entry.key);
    if (begun || reason === undefined || !stored) return;
    store.runs.drop(stored.id, clock.now(), reason);
    const name = { key: entry.key, label: entry.label };
    emit({ type: 'run.cancelled', entry: name, runId: stored.id, reason });
  };

  /** The entry as it stands now; for a service of a group's entry that became invalid, that entry. */
  const inFile = (key: string): KnownStateEntry | undefined =>
    stateFile.entries.find((entry) => entry.key === key) ??
    stateFile.entries.find((entry) => entry.key === ownerOf(key).identity);

  return {
    byEntry,
    get running() {
      return [...byEntry.values()].filter(({ begun }) => begun).length;
    },
    get failed() {
      return failed;
    },
    stateOf(key) {
      const live = byEntry.get(key);
      return live && !live.begun ? 'waiting' : live?.mode;
    },
    hasHadOne: (key) => settled.has(key),
    rests: ({ key, entry }) => restsAt.has(key) && restsAt.get(key) === entryCursor(entry),
    wakeAll: () => restsAt.clear(),
    start(entry) {
      const live = createLiveRun(entry);
      byEntry.set(entry.key, live);
      let result: PassResult = 'failed';
      const session = queueOf(entry)
        .add(async () => {
          result = await run(live);
        }, live.cancel.signal)
        .catch(() => settleUnbegun(live))
        .finally(() => {
          byEntry.delete(entry.key);
          sessions.delete(session);
          onEnd(entry.key, result);
        });
      sessions.add(session);
    },
    supervise() {
      for (const [key, live] of byEntry) supervise(live, inFile(key));
    },
    resize(limit) {
      for (const queue of queues.values()) queue.resize(limit);
    },
    async comeToRest() {
      for (const queue of queues.values()) queue.clear();
      while (sessions.size > 0) await Promise.all(sessions);
    },
  };
}
