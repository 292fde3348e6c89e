import type { Clock } from '../model/clock.ts';
import { asSluiceError, isAbort } from '../model/errors.ts';
import type { Emit, EntryName } from '../model/events.ts';
import type { EntryReport, EntryStatus } from '../model/status.ts';
import { type Decision, retryTime } from '../schedule/due.ts';
import type { Catalogue } from '../services/catalogue.ts';
import type { ServiceContext } from '../services/contract.ts';
import type { Settings } from '../state/settings.ts';
import type { Store } from '../store/store.ts';
import { createBell } from '../sync/bell.ts';
import { createOutage } from '../sync/outage.ts';
import { createRunQueue } from '../sync/runs.ts';
import { createCompletion } from './completion.ts';
import { createFailures } from './failures.ts';
import { type CommandAnswer, type PersonCommand } from '../model/commands.ts';
import { createCommands } from './commands.ts';
import { judge } from './judge.ts';
import type { KnownStateEntry } from './known-entries.ts';
import { createLiveRun, type LiveRun, supervise } from './live-run.ts';
import { runSession } from './session.ts';
import type { StateFile } from './state-file.ts';
import { statusOf } from './status.ts';

/** How often the file is checked and entries are judged; the watcher only makes it prompter. */
export const checkSeconds = 60;

export interface ControllerOptions {
  readonly stateFile: StateFile;
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly context: ServiceContext;
  readonly settings: SettingsInForce;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Run everything that is due once, wait for it and stop (`go --once`). */
  readonly once: boolean;
}

export interface SettingsInForce {
  readonly current: Settings;
  /** Takes the newest version of the file into force; called at every check. */
  refresh(): void;
}

/** How a controller came to its end. */
export interface Ending {
  /** Who asked, or that there is nothing more to do. */
  readonly reason: string;
  /** Who asked a second time and so cut the drain short. */
  readonly forcedBy: string | undefined;
  /** Runs that failed and entries that are invalid. */
  readonly failed: number;
}

export interface Controller {
  /**
   * Checks, runs what is due, and goes on until it is asked to quit. Resolves when every run has come to rest.
   * @throws StateError when there is no usable state file at the start
   */
  run(): Promise<Ending>;
  /** Something changed: check now. */
  wake(): void;
  /** The first request drains, the second ends at once (invariant 6). */
  quit(by: string): void;
  /** Every entry of the file in force with what is known of it. */
  status(): readonly EntryStatus[];
  /** Does what a person asked and says what was done, or why not. Never rejects. */
  command(command: PersonCommand): Promise<CommandAnswer>;
  /** What reading an entry again would cost, in words. Never rejects. */
  preview(id: string): Promise<string>;
}

/** The loop: read the state, decide what is due, run it, write back, until asked to quit. */
export function createController(options: ControllerOptions): Controller {
  const { stateFile, store, catalogue, context, settings, clock, emit, once } = options;
  const live = new Map<string, LiveRun>();
  const sessions = new Set<Promise<void>>();
  const failures = createFailures(clock);
  const completion = createCompletion({ store, stateFile, clock, emit });
  const outage = createOutage(
    context.queue.name,
    clock,
    emit,
    once ? settings.current.confirm_wait_seconds * 1000 : undefined,
  );
  const unconfirmed = { value: 0 };
  const runs = createRunQueue(settings.current.parallel_entries);
  const quitting = new AbortController();
  const force = new AbortController();
  const bell = createBell(quitting.signal);
  const commands = createCommands({
    stateFile,
    live,
    catalogue,
    context,
    signal: quitting.signal,
    forgive: (entry) => failures.clear(entry),
    wake: () => wake(),
  });
  let awake = false;
  let nextCheck = clock.elapsed() + checkSeconds * 1000;
  /** The cursors that runs since the last regular check have reached, by entry. */
  const restsAt = new Map<string, string>();
  /** Entries that have had their run; `go --once` gives each one only. */
  const settled = new Set<string>();
  let failed = 0;
  let checkFailure: string | undefined;
  let toldEntries = '';
  let ending = 'everything due has run';
  let forcedBy: string | undefined;
  const told = new Map<string, string>();

  /** `regular`: at the start and every minute, which is worth a line; the others only when they find something due. */
  const check = async (regular: boolean): Promise<void> => {
    settings.refresh();
    stateFile.refresh();
    runs.resize(settings.current.parallel_entries);
    await completion.catchUp(force.signal);
    // Invariant 6: nothing new begins once a person asked to quit.
    if (quitting.signal.aborted) return;
    if (regular) restsAt.clear();
    const waitingForFile = new Set(store.runs.completing().map((run) => run.entry));
    for (const [key, run] of live)
      supervise(
        run,
        stateFile.entries.find((entry) => entry.key === key),
      );
    let due = 0;
    for (const entry of stateFile.entries) {
      if (entry.problem || live.has(entry.key) || waitingForFile.has(entry.key)) continue;
      if (once && settled.has(entry.key)) continue;
      const rested = restsAt.get(entry.key) === entry.entry.latest_timestamp;
      const { decision } = judge(entry, {
        runs: store.runs,
        failures,
        asked: commands.asked,
        now: clock.now(),
        once,
      });
      // Age and schedule count at the regular checks: a run that takes longer than its refresh_seconds still rests.
      if (
        decision.kind === 'due' &&
        rested &&
        (decision.reason === 'late' || decision.reason === 'schedule')
      ) {
        continue;
      }
      if (decision.kind === 'due') {
        due += 1;
        start(entry);
      } else tellWaiting(entry, decision);
    }
    dropOrphans();
    tellEntries();
    if (regular || due > 0)
      emit({ type: 'controller.checked', entries: stateFile.entries.length, due, running: countRunning() });
  };

  /** Runs whose entry a person removed while nothing was running. */
  const dropOrphans = (): void => {
    const keys = new Set(stateFile.entries.map(({ key }) => key));
    for (const run of store.runs.allUnfinished()) {
      if (keys.has(run.entry) || live.has(run.entry)) continue;
      store.runs.drop(run.id, clock.now(), 'the entry was removed');
      const entry = { key: run.entry, label: run.label };
      emit({ type: 'run.cancelled', entry, runId: run.id, reason: 'the entry was removed' });
    }
  };

  const start = (entry: KnownStateEntry): void => {
    told.delete(entry.key);
    commands.asked.delete(entry.key);
    const run = createLiveRun(entry);
    live.set(entry.key, run);
    const session = runs
      .add(async () => await runLive(run), run.cancel.signal)
      .catch(() => settleUnbegun(run))
      .finally(() => {
        live.delete(entry.key);
        sessions.delete(session);
        wake();
      });
    sessions.add(session);
  };

  /** A run that was cancelled while it waited for its turn may go on with an earlier session's: that one is over too. */
  const settleUnbegun = ({ entry, reason, begun }: LiveRun): void => {
    const stored = store.runs.unfinished(entry.key);
    if (begun || reason === undefined || !stored) return;
    store.runs.drop(stored.id, clock.now(), reason);
    const name = { key: entry.key, label: entry.label };
    emit({ type: 'run.cancelled', entry: name, runId: stored.id, reason });
  };

  const runLive = async (run: LiveRun): Promise<void> => {
    const { entry } = run;
    const name: EntryName = { key: entry.key, label: entry.label };
    // Paused, or asked to quit, while it waited for its turn.
    if (run.drain.signal.aborted || quitting.signal.aborted) return;
    run.begun = true;
    try {
      const parts = {
        store,
        service: catalogue.of(entry.entry),
        context,
        settings: () => settings.current,
        outage,
        unconfirmed,
        clock,
        emit,
        giveUpMs: once ? settings.current.confirm_wait_seconds * 1000 : undefined,
      };
      const outcome = await runSession(entry, parts, {
        cancel: AbortSignal.any([run.cancel.signal, force.signal]),
        drain: AbortSignal.any([run.drain.signal, quitting.signal]),
        current: () => currentOf(entry),
        onRun: ({ id, mode }) => {
          run.runId = id;
          run.mode = mode;
        },
      });
      failures.clear(entry);
      settled.add(entry.key);
      // Cancelled in the moment it came to rest.
      if (run.reason !== undefined) return settleFailure(run, name, undefined);
      if (outcome.kind === 'drained') {
        emit({
          type: 'run.drained',
          entry: name,
          runId: outcome.run.id,
          published: outcome.totals.published,
        });
        return;
      }
      run.finishing = true;
      restsAt.set(entry.key, outcome.run.cursorTo);
      await completion.finish(outcome.run, outcome, force.signal);
    } catch (error) {
      settleFailure(run, name, error);
    }
  };

  const settleFailure = (run: LiveRun, name: EntryName, thrown: unknown): void => {
    const runId = run.runId ?? '';
    if (run.reason !== undefined) {
      // Nothing is written for a cancelled run (S4).
      if (run.runId !== undefined) store.runs.drop(run.runId, clock.now(), run.reason);
      emit({ type: 'run.cancelled', entry: name, runId, reason: run.reason });
      return;
    }
    if (force.signal.aborted && isAbort(thrown)) return;
    const error = asSluiceError(thrown);
    failed += 1;
    settled.add(run.entry.key);
    failures.note(run.entry, error.message);
    const retryAt = once ? undefined : retryTime(failures.of(run.entry));
    emit({ type: 'run.failed', entry: name, runId, error, retryAt });
  };

  const currentOf = (entry: KnownStateEntry): KnownStateEntry['entry'] =>
    stateFile.entries.find(({ key }) => key === entry.key)?.entry ?? entry.entry;

  const tellWaiting = (entry: KnownStateEntry, decision: Extract<Decision, { kind: 'waiting' }>): void => {
    const said = `${decision.reason} ${entry.entry.latest_timestamp ?? ''}`;
    if (told.get(entry.key) === said) return;
    told.set(entry.key, said);
    const name = { key: entry.key, label: entry.label };
    if (decision.reason === 'paused') emit({ type: 'entry.paused', entry: name });
    else if (decision.reason === 'fresh') {
      emit({
        type: 'entry.fresh',
        entry: name,
        cursor: entry.entry.latest_timestamp ?? '',
        next: decision.next,
      });
    }
  };

  const countRunning = (): number => [...live.values()].filter(({ begun }) => begun).length;
  const runningMode = (key: string): 'LOAD' | 'SYNC' | undefined => {
    const run = live.get(key);
    return run?.begun ? run.mode : undefined;
  };
  const reports = (): EntryReport[] => {
    const memory = { runs: store.runs, failures, asked: commands.asked, now: clock.now() };
    return stateFile.entries.map((known) => {
      const { defaults } = known.problem ? { defaults: undefined } : catalogue.of(known.entry);
      return {
        ...statusOf(known, runningMode(known.key), memory),
        key: known.key,
        label: known.label,
        workerCount: known.entry.worker_count ?? defaults?.workerCount ?? 0,
        itemsPerRequest: known.entry.items_per_request ?? defaults?.itemsPerRequest ?? 0,
        paused: known.entry.paused === true,
      };
    });
  };
  const tellEntries = (): void => {
    const entries = reports();
    const text = JSON.stringify(entries);
    if (text !== toldEntries) emit({ type: 'entries.known', entries });
    toldEntries = text;
  };

  const wake = (): void => {
    awake = true;
    bell.ring();
  };

  /** Until something happens, or the minute is over. @returns whether it is */
  const rest = async (): Promise<boolean> => {
    const minute = new AbortController();
    const left = nextCheck - clock.elapsed();
    let over = left <= 0;
    if (!over && !awake) {
      const pause = clock.sleep(left, AbortSignal.any([minute.signal, quitting.signal])).then(
        () => (over = true),
        () => false,
      );
      await Promise.race([pause, bell.next().catch(() => {})]);
      minute.abort();
      await pause;
    }
    if (over) nextCheck = clock.elapsed() + checkSeconds * 1000;
    return over;
  };

  /** A check that fails ends nothing that runs; the next one is a minute away. */
  const tellCheckFailure = (thrown: unknown): void => {
    const { message, hint } = asSluiceError(thrown);
    if (message === checkFailure) return;
    checkFailure = message;
    const text = `the check failed: ${message}${hint === undefined ? '' : ` - ${hint}`}`;
    emit({ type: 'notice', level: 'error', topic: 'controller', message: text });
  };

  const isOver = (): boolean => quitting.signal.aborted || (once && live.size === 0);
  const tellUnwritten = (count: number): void => {
    const message = `the result of ${count === 1 ? 'a run' : `${count} runs`} could not be written into the state file; it is kept and written at the next start`;
    emit({ type: 'notice', level: 'error', topic: 'state', message });
  };

  const comeToRest = async (): Promise<void> => {
    runs.clear();
    const { drain_seconds: seconds } = settings.current;
    const enough = new AbortController();
    const deadline = clock.sleep(seconds * 1000, AbortSignal.any([enough.signal, force.signal])).then(
      () => force.abort(),
      () => {},
    );
    while (sessions.size > 0) await Promise.all(sessions);
    enough.abort();
    await deadline;
  };

  return {
    async run() {
      if (!quitting.signal.aborted) await check(true);
      while (!isOver()) {
        const regular = await rest();
        if (quitting.signal.aborted) break;
        // Before the check: what happens during it is worth another one.
        awake = false;
        await check(regular).catch(tellCheckFailure);
      }
      await comeToRest();
      const unwritten = store.runs.completing().length;
      if (unwritten > 0) tellUnwritten(unwritten);
      const invalid = stateFile.entries.filter(({ problem }) => problem !== undefined).length;
      return { reason: ending, forcedBy, failed: failed + invalid + unwritten };
    },
    wake,
    quit(by) {
      if (quitting.signal.aborted) {
        forcedBy = by;
        return force.abort();
      }
      ending = by;
      emit({
        type: 'quit.requested',
        by,
        running: countRunning(),
        drainSeconds: settings.current.drain_seconds,
      });
      quitting.abort();
    },
    status: () =>
      stateFile.entries.map((known) =>
        statusOf(known, runningMode(known.key), {
          runs: store.runs,
          failures,
          asked: commands.asked,
          now: clock.now(),
        }),
      ),
    command: (command) => commands.command(command),
    preview: (id) => commands.preview(id),
  };
}
