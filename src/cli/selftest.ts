import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SettingError, UsageError } from '../model/errors.ts';
import { safeJson, visible } from '../model/visible.ts';
import { createRedactor } from '../net/redact.ts';
import { openQueueStore } from '../queue/open.ts';
import { chooseQueue, type QueueTarget } from '../queue/url.ts';
import { readArguments, stateFolder } from './arguments.ts';
import type { CliContext } from './context.ts';
import { readEnvironment, secretsOf } from './environment.ts';
import { runChild } from './selftest/child.ts';
import { diskName } from './selftest/disk-name.ts';
import { openMailchimpOrigin } from './selftest/mailchimp-origin.ts';
import { type PlannedKill, rangedKills } from './selftest/points.ts';
import { crash, type CrashResult } from './selftest/rounds.ts';
import { faultsIn, sayingOf, type Summary } from './selftest/summary.ts';
import { selftestUsage } from './usage/selftest.ts';

/** What the program knows of its own process. */
export interface Itself {
  /** What starts a process under test: this program with the word `child`. */
  readonly command: readonly [string, ...string[]];
  /** Ends this process as a loss of power would; does not return. */
  readonly die: () => void;
}

/** No further kill is begun after this long: all of it is to take less than two minutes. */
const killingMs = 75_000;
/** What the self-test left in the queue is taken away within this. */
const cleaningMs = 15_000;

/**
 * `selftest`: a short crash matrix on the user's own disk and queue. Kills the program at every effect that matters,
 * lets it go on, and compares what arrived with what should have. In a state folder and queues of its own, which are
 * gone afterwards. @returns 0 when nothing was lost
 */
export async function selftest(context: CliContext, itself: Itself): Promise<number> {
  const { values, positionals } = readArguments(context, selftestUsage.options, 1);
  const [word] = positionals;
  if (word === 'child') return await runChild({ context, die: itself.die });
  if (word !== undefined) throw new UsageError(`unexpected "${word}"`, 'it takes no words');
  const env = readEnvironment(context);
  const redact = createRedactor(secretsOf(env));
  const say = (object: object, ...lines: readonly string[]): void => {
    if (values.json) context.print(`${safeJson(object, redact)}\n`);
    else for (const line of lines) context.print(`${visible(redact(line))}\n`);
  };
  const planned = spread(rangedKills, readKills(values.kills));
  const ended = new AbortController();
  let code = 0;
  const stop = context.onSignal((name) => {
    code = name === 'SIGINT' ? 130 : 143;
    ended.abort();
  });
  try {
    const parent = stateFolder(context, values.state);
    const summary = await testIn(parent, planned, { context, itself, env, say, signal: ended.signal });
    say(summary, ...sayingOf(summary));
    return summary.ok ? 0 : 1;
  } catch (error) {
    if (!ended.signal.aborted) throw error;
    say({ stopped: true }, 'stopped; what it made is removed');
    return code;
  } finally {
    stop();
  }
}

interface Surroundings {
  readonly context: CliContext;
  readonly itself: Itself;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (object: object, ...lines: readonly string[]) => void;
  readonly signal: AbortSignal;
}

async function testIn(
  parent: string,
  planned: readonly PlannedKill[],
  { context, itself, env, say, signal }: Surroundings,
): Promise<Summary> {
  if (!existsSync(parent))
    throw new SettingError(`there is no folder ${parent}`, '--state names another one');
  const { clock } = context;
  const began = clock.elapsed();
  const target = chooseQueue(env);
  await using closing = new AsyncDisposableStack();
  const top = mkdtempSync(join(parent, 'selftest-'));
  closing.defer(() => rmSync(top, { recursive: true, force: true, maxRetries: 5 }));
  const folder = join(top, 'state');
  mkdirSync(folder);
  const queuePrefix = `sluice-${basename(top)}-${randomBytes(4).toString('hex')}-`;
  const disk = { folder: parent, kind: diskName(parent) };
  const on = disk.kind === undefined ? parent : `${parent} (${disk.kind})`;
  say({ disk, queue: target.name }, `disk   ${on}`, `queue  ${target.name}`);
  await reach(target, folder, signal);
  const origin = await openMailchimpOrigin();
  closing.defer(() => origin.close());
  const runs = new Set<string>();
  closing.defer(() => cleanQueue(target, folder, `${queuePrefix}${origin.queue}`, runs));
  const result: CrashResult = await crash({
    origin,
    folder,
    scratch: top,
    queueEnv: queueVariables(env),
    queuePrefix,
    victim: { command: itself.command, env: context.env },
    kills: planned,
    clock,
    signal,
    onKill: ({ point }, number) =>
      say({ kill: number, of: planned.length, point }, `${number} of ${planned.length}  kill at ${point}`),
    onRun: (id) => void runs.add(id),
    goesOn: () => clock.elapsed() - began < killingMs,
  });
  const faults = faultsIn(result, origin.underWay);
  return {
    ok: faults.length === 0,
    kills: result.kills,
    planned: planned.length,
    lost: result.lost.length,
    replayed: result.replayed,
    mostReplayed: result.mostReplayed,
    replaysAllowed: result.kills * origin.underWay,
    faults,
    seconds: Math.round((clock.elapsed() - began) / 100) / 10,
    disk,
    queue: target.name,
  };
}

function readKills(text: string): number {
  const kills = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (kills >= 1 && kills <= rangedKills.length) return kills;
  throw new SettingError(
    `--kills ${text} cannot be used`,
    `expected: a whole number from 1 to ${rangedKills.length}`,
  );
}

/** Evenly spread over the whole, so that few kills still come everywhere. */
function spread<T>(all: readonly T[], count: number): readonly T[] {
  return all.filter(
    (_one, index) =>
      Math.floor((index * count) / all.length) !== Math.floor(((index - 1) * count) / all.length),
  );
}

/** What chooses the queue, and nothing else of the user's settings. */
function queueVariables(env: Surroundings['env']): Record<string, string> {
  return Object.fromEntries(
    ['QUEUE_URL', 'REDIS_URL', 'REDIS_HOST', 'REDIS_PORT'].flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** A queue that is not there would look like a program that does not end. @throws QueueError */
async function reach(target: QueueTarget, folder: string, signal: AbortSignal): Promise<void> {
  if (target.kind === 'embedded') return;
  const store = await openQueueStore(target, { folder: join(folder, 'queue') });
  try {
    await store.ping(signal);
  } finally {
    await store.close();
  }
}

/** An embedded queue goes with its folder. */
async function cleanQueue(
  target: QueueTarget,
  folder: string,
  queue: string,
  runs: ReadonlySet<string>,
): Promise<void> {
  if (target.kind === 'embedded') return;
  const store = await openQueueStore(target, { folder: join(folder, 'queue') });
  try {
    const signal = AbortSignal.timeout(cleaningMs);
    // Looking makes nothing where nothing was made.
    if (!(await store.list(signal)).includes(queue)) return;
    await store.queue(queue).obliterate(signal);
    for (const run of runs) await store.dropMarker(run, signal);
  } finally {
    await store.close();
  }
}
