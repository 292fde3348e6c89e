import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../src/simulator/random.ts';
import { exportServices } from '../../src/simulator/sis/services.ts';
import type { Program, Running } from './program.ts';
import { aheadOf } from './sisu-ahead.ts';
import { asksOf } from './sisu-asks.ts';
import { startLateChanges } from './sisu-late.ts';
import type { SisuWorld } from './sisu-world.ts';
import { until } from './until.ts';

/** The whole way from SISU to Postgres under changes and kills, as real processes. */
export interface TrialOptions {
  readonly world: SisuWorld;
  readonly program: Program;
  /** How many processes consume; none where the controller does it by its setting. */
  readonly consumers: number;
  /** How often controllers and consumers are killed in the course of the load. */
  readonly controllerKills: number;
  readonly consumerKills: number;
  /** Fewer pages than the load surely takes; the kills are spread over them. */
  readonly pages: number;
  /** How long a change may be hidden, and how often there is one that is. */
  readonly lateMs: number;
  readonly lateEveryMs: number;
  readonly sampleEveryMs: number;
  /** Restarts the queue's store, once, in the middle. */
  readonly restartQueue?: () => Promise<void>;
  readonly seed: number;
  /** How long each part may take. */
  readonly ms: number;
}

export interface TrialReport {
  /** What was ahead of Postgres at some sample, and ordinals that went back. */
  readonly ahead: readonly string[];
  readonly samples: number;
  readonly consumerKills: number;
  readonly lateChanges: number;
  /** POST_UPDATE jobs that the last pass brought, which nothing disturbed. */
  readonly passes: number;
  /** Seconds until the load was complete, and until everything was in step. */
  readonly loadSeconds: number;
  readonly seconds: number;
  /** What the last controller ended with. */
  readonly code: number | null;
  /** What the controllers and consumers printed. */
  readonly output: string;
}

/**
 * Loads everything while it changes and while processes are killed, follows the changes for a pass, and for another one
 * when they have stopped. When it resolves everything should be in step, and nothing runs any more.
 */
export async function runTrial(options: TrialOptions): Promise<TrialReport> {
  const { world, program, pages, ms } = options;
  const { simulator } = world;
  const random = createRandom(options.seed);
  const asks = asksOf(world.folder);
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const outputs: string[] = [];
  const ahead: string[] = [];
  const stopping = new AbortController();
  let samples = 0;
  let consumerKills = 0;

  const start = (...args: readonly string[]): Running => {
    const running = program.start([...args, '--state', world.folder], { env: world.env });
    void running.ended.then(({ stdout, stderr }) => outputs.push(stdout, stderr));
    return running;
  };
  const consume = (): Running => start('consume', 'importer-queue', '--to', world.to);
  const go = (): Running => start('go', '--plain');
  let seen: Readonly<Record<string, number>> = {};
  const look = async (turn: number): Promise<void> => {
    const now = world.ordinals();
    for (const [service, before] of Object.entries(seen))
      if ((now[service] ?? 0) < before) ahead.push(`${service} went back from ${before} to ${now[service]}`);
    seen = now;
    const service = exportServices[turn % exportServices.length] ?? 'PERSON';
    ahead.push(...(await aheadOf(service, { ...world, late })));
    samples += 1;
  };
  const keepLooking = async (): Promise<void> => {
    for (let turn = 0; !stopping.signal.aborted; turn += 1) {
      await look(turn);
      await delay(options.sampleEveryMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };

  const late = startLateChanges({ simulator, lateMs: options.lateMs, everyMs: options.lateEveryMs, random });
  const consumers = Array.from({ length: options.consumers }, consume);
  let controller = go();
  const killController = async (): Promise<void> => {
    await kill(controller);
    controller = go();
  };
  const killConsumer = async (): Promise<void> => {
    const place = Math.floor(random() * consumers.length);
    const consumer = consumers[place];
    // One that has not come up yet is a kill of nothing.
    if (!consumer?.stdout().includes('taking one job')) return;
    await kill(consumer);
    consumerKills += 1;
    consumers[place] = consume();
  };
  const spread = (times: number, work: () => Promise<void>, when: (time: number) => number) =>
    Array.from({ length: times }, (_, time) => ({ at: when(time) * pages, work }));
  const moments = [
    ...spread(options.controllerKills, killController, (time) => (time + 1) / (options.controllerKills + 1)),
    ...spread(options.consumerKills, killConsumer, random),
    ...(options.restartQueue ? spread(1, options.restartQueue, () => 0.42) : []),
  ];
  const looking = keepLooking();
  for (const { at, work } of moments.toSorted((one, other) => one.at - other.at)) {
    await until(() => simulator.requests.total >= at, { ms, every: 20, what: `${at} pages served` });
    await work();
  }
  await asks.rest(ms);
  const loadSeconds = seconds();
  await asks.pass(ms);
  simulator.setChangesPerSecond(0);
  await late.stop();
  const before = await asks.waiting('post-update');
  await asks.pass(ms);
  const passes = await until(async () => (await asks.waiting('post-update')) - before, {
    what: 'POST_UPDATE',
  });
  stopping.abort();
  await looking;
  for (const turn of exportServices.keys()) await look(turn);
  const wholeSeconds = seconds();

  writeFileSync(join(world.folder, 'controller.quit'), '');
  const { code } = await controller.ended;
  for (const { child, ended } of consumers) {
    child.kill('SIGTERM');
    await ended;
  }
  return {
    ahead,
    samples,
    consumerKills,
    lateChanges: late.made,
    passes,
    loadSeconds,
    seconds: wholeSeconds,
    code,
    output: outputs.join(''),
  };
}

async function kill({ child, ended }: Running): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}
