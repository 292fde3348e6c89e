import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlannedKill, rangedKills } from '../../src/cli/selftest/points.ts';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { expectKept, runTrial } from './trial.ts';

// Invariants 1 to 6. Each kill costs a start, so all of the matrix runs on one store and a part of it on the others;
// SLUICE_CRASHES=full runs all of it on all of them.
const isFull = process.env['SLUICE_CRASHES'] === 'full';
/** Where the stores differ. */
const differing = new Set([
  'run.mark.after',
  'chunk.add.before',
  'chunk.add.after',
  'chunk.reply.lost',
  'page.confirmed',
  'run.drained',
  'state.rename.after',
]);
const some = rangedKills.filter(({ point }) => differing.has(point));
const minutes = 5 * 60_000;

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

const stores: readonly [string, readonly PlannedKill[], () => string | undefined, string][] = [
  ['redis', rangedKills, () => redis?.url, 'no redis-server on PATH'],
  ['embedded', isFull || !hasRedis() ? rangedKills : some, () => 'embedded:', ''],
  ['postgres', isFull ? rangedKills : some, () => postgres?.url, noPostgres],
];

describe.for(stores)('ranged pages into %s', ([, kills, queue, missing]) => {
  test(
    `${kills.length} kills lose nothing, replay about a page a worker, and leave the state file whole`,
    { timeout: minutes },
    async (context) => {
      const url = queue() ?? '';
      context.skip(url === '', missing);
      const trial = await runTrial({ queue: url, kills });
      expectKept(trial, kills);
      if (kills === rangedKills) expectAllPlanned(trial.passed);
    },
  );
});

/** A fail point that nobody kills at is a hole in the matrix. These stand beside others, with no effect in between. */
const besides = new Set([
  // Before anything is begun.
  'controller.started',
  'controller.checked',
  'store.run.prune.before',
  'store.run.prune.after',
  // Told, with nothing done since the point before.
  'entries.known',
  'run.started',
  'run.window',
  'page.asked',
  'page.read',
  'page.reread',
  'run.again',
  'queue.down',
  'queue.up',
  'notice',
]);

function expectAllPlanned(passed: readonly string[]): void {
  const planned = new Set(rangedKills.map(({ point }) => point));
  expect(passed.filter((point) => !planned.has(point) && !besides.has(point))).toEqual([]);
}
