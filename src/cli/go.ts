import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { randomUUID } from 'node:crypto';
import { commandSchema } from '../control/messages.ts';
import { accept, serveControl } from '../control/server.ts';
import { socketPath } from '../control/socket-path.ts';
import { createController } from '../controller/controller.ts';
import { createStateFile } from '../controller/state-file.ts';
import { asSluiceError, isAbort, SettingError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import type { Probe } from '../model/probe.ts';
import { createHttpClient } from '../net/client.ts';
import { createQuotas } from '../net/quota.ts';
import { createRedactor } from '../net/redact.ts';
import type { QueueStore } from '../queue/contract.ts';
import { openQueueStore } from '../queue/open.ts';
import { chooseQueue } from '../queue/url.ts';
import { type Catalogue, createCatalogue } from '../services/catalogue.ts';
import { createCommitter } from '../state/commit.ts';
import { mostGenerations } from '../state/generations/room.ts';
import { createGenerations } from '../state/generations/generations.ts';
import type { Disk } from '../state/disk.ts';
import { clearLeftovers } from '../state/leftovers.ts';
import { parseState } from '../state/parse.ts';
import { openQuitFile } from '../state/quit-file.ts';
import { seedStateFolder } from '../state/seed.ts';
import { watchState } from '../state/watch.ts';
import { redactedStore } from '../store/redacted.ts';
import { openStore, type Store } from '../store/store.ts';
import { readArguments, stateFolder } from './arguments.ts';
import type { CliContext } from './context.ts';
import { readEnvironment, secretsOf } from './environment.ts';
import { answerHistory } from './history.ts';
import { createInsideConsumer } from './inside-consumer.ts';
import { keepHistory } from './keep-history.ts';
import { letterRoutes, openLetters } from './open-letters.ts';
import { openKeys } from './open-ordinal-keys.ts';
import { parseOptions } from './parse-options.ts';
import { readQueues, peekQueue } from './queue-status.ts';
import { recordOf } from './run-record.ts';
import { openSettings } from './settings-file.ts';
import { recoveryNotice } from './store-recovery.ts';
import { goUsage } from './usage/go.ts';
import { whenFree } from './when-free.ts';

const quitLookMs = 1000;
/** A second quit by one of these ends with 130, by anything else with 143 (S20). */
const interruptions: ReadonlySet<string> = new Set(['SIGINT', 'ctrl-c', 'q']);
/** What a screen asks of the queue may take this long. */
const queuesMs = 5000;
/** How many runs a screen can look back on. */
const historyRuns = 200;

/** `go`: keeps what the state file names in sync until asked to quit; `--once` runs what is due and ends. */
export async function go(context: CliContext): Promise<number> {
  const { values } = readArguments(context, goUsage.options);
  return await runController(context, {
    folder: stateFolder(context, values.state),
    env: readEnvironment(context),
    json: values.json,
    plain: values.plain,
    ascii: values.ascii,
    once: values.once,
  });
}

export interface GoOptions {
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly json: boolean;
  readonly plain: boolean;
  readonly ascii: boolean;
  readonly once: boolean;
}

/** What `selftest` and tests put around the parts of a controller (S24); nothing else does. */
export interface Wrapping {
  /** Called around every effect on the disk that a kill could fall between. */
  readonly probe?: Probe;
  readonly disk?: Disk;
  readonly store?: (store: Store) => Store;
  readonly catalogue?: (catalogue: Catalogue) => Catalogue;
  readonly queue?: (queue: QueueStore) => QueueStore;
}

/** Opens everything in order, runs the controller, and closes everything in reverse order. @returns the exit code */
export async function runController(
  context: CliContext,
  options: GoOptions,
  wrapping: Wrapping = {},
): Promise<number> {
  const {
    probe,
    disk,
    store: aroundStore = same,
    catalogue: aroundCatalogue = same,
    queue: aroundQueue = same,
  } = wrapping;
  const { clock } = context;
  const { folder, env, json, plain, ascii, once } = options;
  await using closing = new AsyncDisposableStack();
  // First and until the very end: a signal must cut neither the opening nor the closing short.
  const asked: string[] = [];
  const early = new AbortController();
  let quit = (by: string): void => {
    asked.push(by);
    early.abort();
  };
  closing.defer(context.onSignal((name) => quit(name)));
  const { written } = await seedStateFolder(folder, context.copies);
  const lock = { folder, command: 'go', pid: context.pid, now: clock.now(), probe };
  const held = await whenFree(context, () => openStore(lock), early.signal).catch((error: unknown) => {
    if (!isAbort(error)) throw error;
  });
  // Asked to quit before anything was begun: the folder is somebody else's, and so is its controller.quit.done.
  if (!held) return 0;
  const store = redactedStore(aroundStore(held), createRedactor(secretsOf(env)));
  closing.defer(() => store.close());
  const views = await context.openViews({
    json,
    plain,
    ascii,
    logs: join(folder, 'logs'),
    secrets: secretsOf(env),
  });
  closing.defer(() => views.close());
  const emit: Emit = (event) => views.show({ at: clock.now(), ...event });

  const started = clock.elapsed();
  const called = env['SLUICE_CALLED'];
  const quitFile = openQuitFile({
    folder,
    emit,
    ...(called !== undefined && existsSync(called) ? { reference: called } : {}),
  });
  const settings = openSettings(folder, env, emit);
  const path = join(folder, 'state.json');
  const shownPath = relative(context.root, path).startsWith('..') ? path : relative(context.root, path);
  const catalogue = aroundCatalogue(createCatalogue());
  closing.defer(() => catalogue.close());
  const parse = parseOptions(catalogue);
  await clearLeftovers({
    path,
    emit,
    now: clock.now(),
    isWhole: (text) => parseState(text, { file: shownPath }).ok,
  });
  const committer = createCommitter({ path, clock, emit, ...(disk && { disk }), ...(probe && { probe }) });
  closing.defer(() => committer.settle());
  const generations = createGenerations({
    folder: join(folder, 'generations'),
    now: () => clock.now(),
    emit,
    ...(disk && { disk }),
    ...(probe && { probe }),
  });
  const stateFile = createStateFile({
    path,
    shownPath,
    parse,
    groups: catalogue.groups,
    store: store.entries,
    committer,
    generations,
    drawIdentity: randomUUID,
    now: () => clock.now(),
    emit,
  });
  // Before anything is opened that takes time: a broken file is said at once.
  try {
    stateFile.refresh();
  } finally {
    const notice = recoveryNotice(store.recovered, stateFile.entries);
    if (notice) emit(notice);
  }

  const target = chooseQueue(env);
  if (written.includes('state.json')) {
    const message = `${shownPath} was made from an example that syncs a made-up list; it says how to put yours there`;
    emit({ type: 'notice', level: 'info', topic: 'state', message });
  }
  emit({ type: 'controller.started', version: context.version, state: shownPath, queue: target.name });
  const queue = aroundQueue(await openQueueStore(target, { folder: join(folder, 'queue'), emit }));
  closing.defer(() => queue.close());
  const ordinalKeys = openKeys({ env, clock, emit });
  closing.defer(() => ordinalKeys?.close());
  const client = createHttpClient({ clock, random: Math.random, emit });
  closing.defer(() => client.close());
  const inside = createInsideConsumer({ queue, env, clock, emit });
  closing.defer(() => inside.close());
  const controller = createController({
    stateFile,
    generations,
    store,
    catalogue,
    context: { env, client, quotas: createQuotas({ clock }), queue, ordinalKeys },
    settings: {
      get current() {
        return settings.current;
      },
      refresh() {
        settings.refresh();
        inside.apply(settings.current.consume);
      },
    },
    clock,
    emit,
    once,
  });
  const letters = openLetters({ store, queue, env, clock, emit });
  closing.defer(() => letters.retries.close());

  const control = await serveControl(socketPath(folder, context.temporary, context.user), {
    '/status': () => controller.status(),
    '/history': (query) => answerHistory(store.runs, query, (runId) => controller.isOn(runId)),
    '/queues': (_query, signal) => readQueues(queue, signal),
    '/queues/peek': (query, signal) => peekQueue(queue, query.get('name') ?? '', signal),
    '/generations': () => controller.commands.generations(mostGenerations),
    '/preview': accept(commandSchema, (command) => controller.commands.preview(command)),
    '/command': accept(commandSchema, (command) => controller.commands.command(command)),
    ...letterRoutes(letters.book),
  }).catch((error: unknown) => {
    if (error instanceof SettingError) throw error;
    // Some file systems have no sockets (mounts of virtual machines): no reason not to sync.
    const message = `other commands cannot reach this controller: ${asSluiceError(error).message}`;
    emit({ type: 'notice', level: 'warn', topic: 'control', message });
  });
  closing.defer(async () => await control?.close());
  views.attach({
    statePath: path,
    command: (command) => controller.commands.command(command),
    preview: (command) => controller.commands.preview(command),
    generations: (most) => controller.commands.generations(most),
    queues: () => readQueues(queue, AbortSignal.timeout(queuesMs)).catch(() => undefined),
    history: () => store.runs.recent(historyRuns).map((run) => recordOf(run, controller.isOn(run.id))),
    letters: letters.book,
    quit: (by) => controller.quit(by),
  });
  const ended = new AbortController();
  closing.defer(() => ended.abort());
  void keepHistory(store.runs, { clock, emit }, ended.signal);
  const checkQuitFile = (): void => {
    if (!ended.signal.aborted && quitFile.asked()) controller.quit('controller.quit');
  };
  // The watcher is only a hint; a look a second costs one system call.
  const looking = (async () => {
    while (!ended.signal.aborted) {
      checkQuitFile();
      await clock.sleep(quitLookMs, ended.signal);
    }
  })().catch(() => {});
  const watch = watchState(
    folder,
    (file) => (file === 'controller.quit' ? checkQuitFile() : controller.wake()),
    (error) => {
      const message = `${shownPath} is looked at once a minute only: ${asSluiceError(error).message}`;
      emit({ type: 'notice', level: 'warn', topic: 'state', message });
    },
  );
  closing.defer(() => watch.close());
  quit = (by) => controller.quit(by);

  const [askedBy] = asked;
  const { failed, reason, forcedBy } =
    askedBy === undefined ? await controller.run() : { failed: 0, reason: askedBy, forcedBy: undefined };
  ended.abort();
  await looking;
  quitFile.done(Math.floor(clock.now() / 1000), reason);
  emit({ type: 'controller.stopped', reason, seconds: (clock.elapsed() - started) / 1000 });
  if (forcedBy !== undefined) return interruptions.has(forcedBy) ? 130 : 143;
  return once && failed > 0 ? 1 : 0;
}

function same<T>(part: T): T {
  return part;
}
