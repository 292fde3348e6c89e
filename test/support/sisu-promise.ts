import { expect } from 'vitest';
import { exportServices, oneTimeServices } from '../../src/simulator/sis/services.ts';
import type { SisSimulator } from '../../src/simulator/sis/sis.ts';
import type { TestPostgres } from './postgres.ts';
import type { Program } from './program.ts';
import { deadEntities, letterFaults } from './sisu-letters.ts';
import { differences } from './sisu-tables.ts';
import { runTrial, type TrialOptions } from './sisu-trial.ts';
import { openSisuWorld, type SisuWorld } from './sisu-world.ts';

/** Who runs in a trial, on which queue, and who of them is killed. */
export interface PromiseOptions extends Pick<
  TrialOptions,
  'program' | 'consumers' | 'controllerKills' | 'consumerKills' | 'restartQueue'
> {
  readonly postgres: TestPostgres;
  readonly program: Program;
  /** QUEUE_URL. */
  readonly queue: string;
  /** Which part of all entities it is tried with. */
  readonly share: number;
  /** Prepares the state folder. */
  readonly prepare?: (world: SisuWorld) => void;
}

// Everything but the size is in it by default; SLUICE_ENTITIES=200000 is the size that issue 5 names.
const asked = process.env['SLUICE_ENTITIES'];
export const isFull = asked !== undefined;
const { entities, items, poison } = isFull
  ? { entities: Number(asked), items: 1000, poison: 500 }
  : { entities: 3000, items: 40, poison: 200 };
const partMs = isFull ? 3_600_000 : 90_000;

/** For a test that keeps the promise. */
export const promiseTimeout = { timeout: 3 * partMs };

/**
 * The promise of issue 5: while SISU changes and processes are killed, all of it arrives in Postgres as SISU has it in the
 * end; no ordinal is ever ahead of what is stored; each poisoned entity, and nothing else, is a dead letter.
 */
export async function expectSisuToArrive({
  postgres,
  queue,
  share,
  prepare,
  ...options
}: PromiseOptions): Promise<void> {
  const size = Math.floor(entities * share);
  const world = await openSisuWorld({
    queue,
    postgres,
    sis: { entities: size, poison, changesPerSecond: 20, latencyMs: 10 },
    env: { SLUICE_ORDINAL_OVERLAP_SECONDS: '6' },
  });
  try {
    const { simulator, client } = world;
    world.writeState({ service: 'sisu', items_per_request: items });
    prepare?.(world);
    const { output, ...report } = await runTrial({
      ...options,
      world,
      pages: size / items,
      lateMs: 3000,
      lateEveryMs: 200,
      sampleEveryMs: 250,
      seed: 1,
      ms: partMs,
    });
    const letters = world.letters();
    const dead = { letters: letters.length, deadEntities: deadEntities(letters) };
    if (isFull) process.stdout.write(`${JSON.stringify({ entities: size, ...report, ...dead })}\n`);

    const story = output.slice(-20_000);
    expect(report.ahead, story).toEqual([]);
    expect(await differences(simulator, client), story).toEqual([]);
    expect(letterFaults(simulator, letters), story).toEqual([]);
    expect(letters.length).toBeGreaterThan(0);
    expect(world.ordinals()).toEqual(greatestOrdinals(simulator));
    expect(report).toMatchObject({ passes: 1, code: 0 });
    expect(report.lateChanges).toBeGreaterThan(10);
  } finally {
    await world.close();
  }
}

function greatestOrdinals(simulator: SisSimulator): Record<string, number> {
  const numbered = exportServices.map((service) => {
    let greatest = 0;
    for (const { ordinal } of simulator.newest(service)) greatest = ordinal;
    return [service, greatest] as const;
  });
  // What is read as a whole says by 1 that it was published.
  const whole = oneTimeServices.map((service) => [service, 1] as const);
  return Object.fromEntries([...numbered, ...whole]);
}
