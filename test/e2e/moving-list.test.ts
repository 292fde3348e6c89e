import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, hasRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { dropTemplate, makeTemplate, missing, namesOf, openWorld, type World } from '../support/world.ts';

// The promise of issue 2: 20,000 members, 200 changes a second and departures, 8 readers, seeds. What differs between
// the stores is held by their conformance suite, so that each takes its part of the seeds.
const list = 'moving';
const entry = { list_id: list, worker_count: 8, items_per_request: 100, refresh_seconds: 1 };

let redis: TestRedis | undefined;
beforeAll(async () => {
  await makeTemplate();
  if (hasRedis()) redis = await startRedis();
});
afterAll(async () => {
  await redis?.stop();
  dropTemplate();
});

const stores = [
  // A database of its own for each seed.
  ['redis', (number: number) => redis && `${redis.url}/${number}`, [1, 2, 3, 4, 5]],
  ['embedded', () => 'embedded:', [6, 7]],
] as const;

describe.each(stores)('20,000 members that move while they are read into %s', (_name, url, seeds) => {
  test.for(seeds)(
    'arrive whole, and what changes later arrives in the next run (seed %i)',
    async (seed, context) => {
      const queue = url(seed) ?? '';
      context.skip(queue === '', 'no redis-server on PATH');
      const world = await openMovingWorld(queue, seed);
      try {
        world.writeState([{ ...entry, latest_timestamp: null }]);
        const started = performance.now();
        expect(await world.go({ once: true })).toBe(0);
        const first = await world.jobs();
        expect(missing(world.simulator, list, cursorOf(world), namesOf(first))).toEqual([]);
        expect(new Set(ids(first)).size).toBe(ids(first).length);
        expect(world.readState()[0]).toMatchObject({ total_updates: ids(first).length });

        // The next run is due a second after the start of this one.
        await until(() => performance.now() - started > 1100);
        expect(await world.go({ once: true })).toBe(0);
        const both = await world.jobs();
        expect(missing(world.simulator, list, cursorOf(world), namesOf(both))).toEqual([]);
        expect(both.length).toBeGreaterThan(first.length);
      } finally {
        await world.close();
      }
    },
  );
});

test.for(stores)(
  'a list that stands still arrives exactly once, also over a second run (%s)',
  async ([, url], context) => {
    const queue = url(0) ?? '';
    context.skip(queue === '', 'no redis-server on PATH');
    const world = await openWorld({ queue, mailchimp: { lists: { still: 5000 } } });
    try {
      world.writeState([{ list_id: 'still', worker_count: 8, refresh_seconds: 1 }]);
      const started = performance.now();
      await world.go({ once: true });
      await until(() => performance.now() - started > 1100);
      expect(await world.go({ once: true })).toBe(0);
      expect(world.readState()[0]).toMatchObject({ total_updates: 0 });
      const jobs = await world.jobs();
      const expected = world.simulator
        .members('still')
        .map(({ id, last_changed }) => `${id} ${last_changed}`);
      expect(namesOf(jobs).toSorted()).toEqual(expected.toSorted());
      expect(jobs.every((job) => job.name === 'still')).toBe(true);
    } finally {
      await world.close();
    }
  },
);

/** Time runs five times as fast for the simulator: 200 changes for each of its seconds, 1000 for each of ours. */
function openMovingWorld(queue: string, seed: number): Promise<World> {
  const start = Date.now();
  return openWorld({
    queue,
    mailchimp: {
      lists: { [list]: 20_000 },
      seed,
      latencyMs: 10,
      changesPerSecond: 200,
      departuresPerSecond: 20,
      now: () => start + (Date.now() - start) * 5,
    },
  });
}

function cursorOf(world: World): string {
  return String(world.readState()[0]?.['latest_timestamp']);
}

function ids(jobs: Parameters<typeof namesOf>[0]): string[] {
  return jobs.flatMap((job) => job.members.map(({ id }) => id));
}
