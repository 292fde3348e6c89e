import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Origin } from '../../src/cli/selftest/origin.ts';
import type { PlannedKill } from '../../src/cli/selftest/points.ts';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { expectKept, runTrial } from './trial.ts';

/** The three stores, and which part of the matrix runs on each when time is short: each kill costs a start. */
export interface Matrix {
  readonly openOrigin: () => Promise<Origin>;
  readonly all: readonly PlannedKill[];
  readonly redis: readonly PlannedKill[];
  readonly embedded: readonly PlannedKill[];
  readonly postgres: readonly PlannedKill[];
}

const isFull = process.env['SLUICE_CRASHES'] === 'full';
const longestMs = 8 * 60_000;

/**
 * The crash matrix for one kind of pages (invariants 1 to 6). SLUICE_CRASHES=full runs all of it on every store; where
 * there is no Redis the embedded queue gets its part too.
 */
export function describeMatrix(pages: string, matrix: Matrix): void {
  const { openOrigin, all } = matrix;
  let redis: TestRedis | undefined;
  let postgres: TestPostgres | undefined;
  beforeAll(async () => {
    if (hasRedis()) redis = await startRedis();
    if (hasPostgres()) postgres = await startPostgres();
  });
  afterAll(async () => {
    await redis?.stop();
    await postgres?.stop();
  });
  const stores = [
    { store: 'redis', kills: matrix.redis, url: () => redis?.url, missing: 'no redis-server on PATH' },
    {
      store: 'embedded',
      kills: hasRedis() ? matrix.embedded : matrix.redis,
      url: () => 'embedded:',
      missing: '',
    },
    { store: 'postgres', kills: matrix.postgres, url: () => postgres?.url, missing: noPostgres },
  ];

  describe.for(stores)(`${pages} pages into $store`, ({ store, kills, url, missing }) => {
    const planned = (isFull ? all : kills).filter(
      ({ point }) => store !== 'embedded' || !needsConsumer(point),
    );
    test(
      `${planned.length} kills lose nothing, replay about a page a worker, and leave the state file whole`,
      {
        timeout: longestMs,
      },
      async (context) => {
        const queue = url();
        if (queue === undefined) return context.skip(missing);
        const trial = await runTrial({ queue, kills: planned, openOrigin });
        expectKept(trial, planned);
        expect(unplanned(trial.passed, all)).toEqual([]);
        return undefined;
      },
    );
  });
}

/** In the trials nobody consumes the embedded queue, so that there are no receipts. */
function needsConsumer(point: string): boolean {
  return point.startsWith('store.receipt.');
}

/** Points that stand beside others, with no effect in between. */
const besides = new Set([
  // Before anything is begun.
  'controller.started',
  'controller.checked',
  'store.run.prune.before',
  'store.run.prune.after',
  // Told, with nothing done since the point before.
  'notice',
  'entries.known',
  'run.started',
  'run.window',
  'run.chain',
  'run.again',
  'page.asked',
  'page.read',
  'page.reread',
  'queue.down',
  'queue.up',
  'chunks.waiting',
]);

/** A fail point that nobody kills at is a hole in the matrix. */
function unplanned(passed: readonly string[], kills: readonly PlannedKill[]): readonly string[] {
  const planned = new Set(kills.map(({ point }) => point));
  return passed.filter((point) => !planned.has(point) && !besides.has(point));
}

/** The kills at these points. */
export function at(kills: readonly PlannedKill[], ...points: readonly string[]): readonly PlannedKill[] {
  return kills.filter(({ point }) => points.includes(point));
}
