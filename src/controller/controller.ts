import type { Clock } from '../model/clock.ts';
import type { PersonCommands } from '../model/commands.ts';
import { asSluiceError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import type { LiveStatus } from '../model/status.ts';
import type { Catalogue } from '../services/catalogue.ts';
import type { ServiceContext } from '../services/contract.ts';
import type { Generations } from '../state/generations/generations.ts';
import type { Store } from '../store/store.ts';
import { createBell } from '../sync/bell.ts';
import { createOutage } from '../sync/outage.ts';
import { createAnnouncer } from './announce.ts';
import { createCommands } from './commands.ts';
import { createCompletion } from './completion.ts';
import { createFailures } from './failures.ts';
import { createLiveRuns } from './live-runs.ts';
import { dropOrphans } from './orphans.ts';
import { createPasses } from './passes.ts';
import { createQueueLook } from './queue-look.ts';
import { createReports } from './reports.ts';
import type { SettingsInForce } from './settings-in-force.ts';
import { createStarts } from './starts.ts';
import type { StateFile } from './state-file.ts';

/** How often the file is checked and entries are judged; the watcher only makes it prompter. */
export const checkSeconds = 60;

export interface ControllerOptions {
  readonly stateFile: StateFile;
  readonly generations: Generations;
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly context: ServiceContext;
  readonly settings: SettingsInForce;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Run everything that is due once, wait for it and stop (`go --once`). */
  readonly once: boolean;
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
  status(): readonly LiveStatus[];
  /** Whether a run is on now. */
  isOn(runId: string): boolean;
  readonly commands: PersonCommands;
}

/** The loop: read the state, decide what is due, run it, write back, until asked to quit. */
export function createController(options: ControllerOptions): Controller {
  const { stateFile, generations, store, catalogue, context, settings, clock, emit, once } = options;
  const quitting = new AbortController();
  const force = new AbortController();
  const bell = createBell(quitting.signal);
  const failures = createFailures(clock);
  const starts = createStarts(clock);
  const completion = createCompletion({
    store,
    stateFile,
    clock,
    emit,
    ordinalKeys: context.ordinalKeys,
  });
  const giveUpMs = () => (once ? settings.current.confirm_wait_seconds * 1000 : undefined);
  const outage = createOutage(context.queue.name, clock, emit, giveUpMs);
  const announcer = createAnnouncer(context, outage, emit, quitting.signal);
  const { queue } = context;
  const everyMs = checkSeconds * 1000;
  const queueLook = createQueueLook({ queue, outage, everyMs, clock, emit, signal: quitting.signal });
  const passes = createPasses((job) => announcer.publish(job));
  const live = createLiveRuns({
    stateFile,
    store,
    catalogue,
    context,
    settings,
    failures,
    starts,
    completion,
    outage,
    clock,
    emit,
    once,
    force: force.signal,
    quitting: quitting.signal,
    onEnd(key, result) {
      passes.ended(key, result);
      wake();
    },
  });
  const commands = createCommands({
    stateFile,
    generations,
    runs: store.runs,
    live: live.byEntry,
    catalogue,
    context,
    clock,
    emit,
    signal: quitting.signal,
    forgive: (entry) => failures.clear(entry),
    wake: () => wake(),
  });
  const { asked } = commands;
  const reports = createReports({
    stateFile,
    store,
    catalogue,
    failures,
    starts,
    asked,
    stateOf: (key) => live.stateOf(key),
    progressOf: (key) => live.byEntry.get(key)?.progress,
    clock,
    emit,
    once,
  });
  let awake = false;
  let nextCheck = clock.elapsed() + checkSeconds * 1000;
  let checkFailure: string | undefined;
  let ending = 'everything due has run';
  let forcedBy: string | undefined;

  /** `regular`: at the start and every minute, which is worth a line; the others only when they find something due. */
  const check = async (regular: boolean): Promise<void> => {
    settings.refresh();
    stateFile.refresh();
    live.resize(settings.current.parallel_entries);
    await completion.catchUp(force.signal);
    // Invariant 6: nothing new begins once a person asked to quit.
    if (quitting.signal.aborted) return;
    if (regular) live.wakeAll();
    // A single pass needs it or does not, and says so itself.
    if (regular && !once) queueLook.look();
    live.supervise();
    const due = startDue();
    dropOrphans(store.runs, stateFile.entries, (key) => live.byEntry.has(key), { clock, emit });
    reports.tell();
    if (regular || due > 0)
      emit({
        type: 'controller.checked',
        entries: stateFile.entries.length,
        due,
        running: live.running,
      });
  };

  /** @returns how many entries began */
  const startDue = (): number => {
    const waitingForFile = new Set(store.runs.completing().map((run) => run.entry));
    const pass: string[] = [];
    let due = 0;
    for (const entry of stateFile.entries) {
      if (entry.problem || live.byEntry.has(entry.key) || waitingForFile.has(entry.key)) continue;
      if (once && live.hasHadOne(entry.key)) continue;
      const { decision } = reports.judge(entry);
      if (decision.kind === 'waiting') {
        reports.tellWaiting(entry, decision);
        continue;
      }
      // Age and schedule count at the regular checks: a run that takes longer than its refresh_seconds still rests.
      const isByTime = decision.reason === 'late' || decision.reason === 'schedule';
      if (isByTime && live.rests(entry)) continue;
      due += 1;
      if (catalogue.of(entry.entry).group !== undefined) pass.push(entry.key);
      reports.forget(entry);
      asked.delete(entry.key);
      live.start(entry);
    }
    passes.begin(clock.now(), pass);
    return due;
  };

  /** What is read at each start, whatever its age. */
  const askForStart = (): void => {
    for (const { key, entry, problem } of stateFile.entries) {
      if (!problem && catalogue.of(entry).defaults.atStart === true) asked.add(key);
    }
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

  const isOver = (): boolean => quitting.signal.aborted || (once && live.byEntry.size === 0);
  const tellUnwritten = (count: number): void => {
    const message = `the result of ${count === 1 ? 'a run' : `${count} runs`} could not be written into the state file; it is kept and written at the next start`;
    emit({ type: 'notice', level: 'error', topic: 'state', message });
  };

  const comeToRest = async (): Promise<void> => {
    const { drain_seconds: seconds } = settings.current;
    const enough = new AbortController();
    const deadline = clock.sleep(seconds * 1000, AbortSignal.any([enough.signal, force.signal])).then(
      () => force.abort(),
      () => {},
    );
    await live.comeToRest();
    enough.abort();
    await deadline;
  };

  return {
    async run() {
      askForStart();
      if (!quitting.signal.aborted) await check(true);
      while (!isOver()) {
        const regular = await rest();
        if (quitting.signal.aborted) break;
        // Before the check: what happens during it is worth another one.
        awake = false;
        await check(regular).catch(tellCheckFailure);
      }
      await comeToRest();
      await announcer.settled();
      await queueLook.settled();
      const unwritten = store.runs.completing().length;
      if (unwritten > 0) tellUnwritten(unwritten);
      const invalid = stateFile.entries.filter(({ problem }) => problem !== undefined).length;
      return { reason: ending, forcedBy, failed: live.failed + invalid + unwritten };
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
        running: live.running,
        drainSeconds: settings.current.drain_seconds,
      });
      quitting.abort();
    },
    status: () => reports.status(),
    isOn: (runId) => [...live.byEntry.values()].some((run) => run.begun && run.runId === runId),
    commands,
  };
}
