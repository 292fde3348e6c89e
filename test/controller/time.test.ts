import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SluiceEvent } from '../../src/model/events.ts';
import { type MovableClock, movableClock } from '../support/movable-clock.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { openWorld, type World } from '../support/world.ts';

const minute = 60_000;
const hour = 60 * minute;

let redis: TestRedis | undefined;
let world: World;
let clock: MovableClock;

beforeAll(async () => {
  if (hasRedis()) redis = await startRedis();
});
afterAll(async () => await redis?.stop());
afterEach(async () => await world.close());

const find = <T extends SluiceEvent['type']>(type: T): Extract<SluiceEvent, { type: T }>[] =>
  world.events.filter((event): event is Extract<SluiceEvent, { type: T }> => event.type === type);

const untilEvent = async (type: SluiceEvent['type'], count = 1): Promise<void> =>
  void (await until(() => find(type).length >= count, { what: `${count} x ${type}` }));

async function open(members = 60, latencyMs = 0): Promise<void> {
  clock = movableClock();
  world = await openWorld({
    // A database of its own for each test.
    queue: `${redis?.url}/${(databases += 1)}`,
    mailchimp: { lists: { l1: members }, latencyMs },
    clock,
  });
}
let databases = 0;

/** Runs `go` until `work` is done, then asks it to quit. */
async function whileRunning(work: () => Promise<void>): Promise<void> {
  const running = world.go();
  try {
    await work();
  } finally {
    world.signal('SIGTERM');
    await running;
  }
}

const ended = (): number =>
  find('run.finished').length + find('run.failed').length + find('run.drained').length;

/** Lets time pass until the next regular check is over, and what it began. @returns how many runs have finished by then */
async function nextCheck(ms = minute): Promise<number> {
  const checks = find('controller.checked').length;
  clock.pass(ms);
  await untilEvent('controller.checked', checks + 1);
  const begun = (): number => find('controller.checked').reduce((sum, { due }) => sum + due, 0);
  await until(() => ended() === begun(), {
    what: 'the end of all runs',
  });
  return find('run.finished').length;
}

/** How far the wall clock is from the start of the next hour. */
const untilHour = (): number => hour - (clock.now() % hour);

describe('a clock that is set while the controller rests', () => {
  test('back by an hour: what ran does not run again, and an hour later it does', async (context) => {
    context.skip(!redis, 'no redis-server on PATH');
    await open();
    clock.set(untilHour() + 10_000);
    world.writeState([
      { list_id: 'l1', id: 'hourly', schedule: '0 * * * *' },
      { list_id: 'l1', id: 'aged', refresh_seconds: 3600, sink: 'bullmq' },
    ]);
    await whileRunning(async () => {
      await untilEvent('run.finished', 2);
      clock.set(-hour);
      expect(await nextCheck()).toBe(2);
      expect(await nextCheck()).toBe(2);
      expect(await nextCheck(57 * minute)).toBe(2);
      expect(await nextCheck()).toBe(4);
    });
    expect(find('run.failed')).toEqual([]);
    for (const { totals } of find('run.finished')) expect(totals.seconds).toBeGreaterThanOrEqual(0);
  });

  test('forward by an hour, or after a sleep: what was due meanwhile runs once, at the next check', async (context) => {
    context.skip(!redis, 'no redis-server on PATH');
    await open();
    clock.set(untilHour() + 10_000);
    world.writeState([{ list_id: 'l1', schedule: '0 * * * *' }]);
    await whileRunning(async () => {
      await untilEvent('run.finished');
      clock.set(5 * hour);
      expect(await nextCheck()).toBe(2);
      expect(await nextCheck()).toBe(2);
      expect(await nextCheck(57 * minute)).toBe(2);
      expect(await nextCheck()).toBe(3);
    });
  });

  test('back by an hour: an entry that failed is tried again after its minute all the same', async (context) => {
    context.skip(!redis, 'no redis-server on PATH');
    await open();
    world.writeState([{ list_id: 'l1', start_offset: 1000 }]);
    await whileRunning(async () => {
      await untilEvent('run.failed');
      clock.set(-hour);
      await nextCheck();
      expect(find('run.failed')).toHaveLength(2);
      const retryAt = find('run.failed')[1]?.retryAt ?? 0;
      expect(retryAt - clock.now()).toBeLessThanOrEqual(2 * minute);
    });
  });
});

const directions = [
  ['back', -hour],
  ['forward', hour],
] as const;

/** Every number of a run that is over, and of the entry in the file, is what it would be without the jump. */
function expectSane(published: number): void {
  const [entry] = world.readState();
  expect(entry?.['total_updates']).toBe(published);
  expect(entry?.['elapsed_seconds']).toBeGreaterThanOrEqual(0);
  expect(entry?.['elapsed_seconds']).toBeLessThan(60);
  for (const { totals } of find('run.finished')) {
    expect(totals.seconds).toBeGreaterThan(0);
    expect(totals.seconds).toBeLessThan(60);
    expect(Math.min(...Object.values(totals.waitedMs), totals.slowestMs)).toBeGreaterThanOrEqual(0);
  }
}

describe('a clock that is set while a run is on', () => {
  test.for(directions)('%s by an hour: the run ends once and counts as ever', async ([, byMs], context) => {
    context.skip(!redis, 'no redis-server on PATH');
    await open(300, 40);
    world.writeState([{ list_id: 'l1', items_per_request: 20, worker_count: 2 }]);
    await whileRunning(async () => {
      await untilEvent('page.confirmed', 3);
      clock.set(byMs);
      await untilEvent('run.finished');
      expectSane(300);
      expect(await nextCheck()).toBe(1);
      expect(
        world
          .operator()
          .history()
          .map(({ result }) => result),
      ).toEqual(['done']);
      const fresh = find('entry.fresh').at(-1);
      expect((fresh?.next ?? 0) - clock.now()).toBeLessThanOrEqual(2 * hour);
      expect((fresh?.next ?? 0) - clock.now()).toBeGreaterThan(0);
    });
    expect((await world.jobs()).flatMap(({ members }) => members)).toHaveLength(300);
  });
});

describe('a clock that is set between a stop and the next start', () => {
  test.for(directions)(
    '%s by an hour: a run that was stopped in the middle is finished, once',
    async ([, byMs], context) => {
      context.skip(!redis, 'no redis-server on PATH');
      await open(300, 60);
      world.writeState([{ list_id: 'l1', items_per_request: 20, worker_count: 1 }]);
      await whileRunning(async () => await untilEvent('page.confirmed', 3));
      expect(find('run.drained')).toHaveLength(1);
      clock.set(byMs);
      await whileRunning(async () => {
        await untilEvent('run.finished');
        expect(await nextCheck()).toBe(1);
        expect(
          world
            .operator()
            .history()
            .map(({ result }) => result),
        ).toEqual(['done']);
      });
      const ids = (await world.jobs()).flatMap(({ members }) => members.map(({ id }) => id));
      expect(new Set(ids).size).toBe(300);
      expectSane(ids.length);
    },
  );

  test('back by an hour: what ran later than now runs at once, and then as ever; the history keeps its order', async (context) => {
    context.skip(!redis, 'no redis-server on PATH');
    await open();
    world.writeState([{ list_id: 'l1' }]);
    await whileRunning(async () => await untilEvent('run.finished'));
    clock.set(-hour);
    await whileRunning(async () => {
      await untilEvent('run.finished', 2);
      expect(await nextCheck()).toBe(2);
      expect(await nextCheck(59 * minute)).toBe(2);
      expect(await nextCheck(61 * minute)).toBe(3);
      const ran = find('run.finished').map(({ runId }) => runId);
      expect(
        world
          .operator()
          .history()
          .map(({ id }) => id),
      ).toEqual(ran.toReversed());
    });
  });

  test('forward by hours: what was due meanwhile runs once', async (context) => {
    context.skip(!redis, 'no redis-server on PATH');
    await open();
    world.writeState([{ list_id: 'l1' }]);
    await whileRunning(async () => await untilEvent('run.finished'));
    clock.set(9 * hour);
    await whileRunning(async () => {
      await untilEvent('run.finished', 2);
      expect(await nextCheck()).toBe(2);
    });
  });
});

test('a machine that starts in 1970 syncs by the clock of the source, and is in step when its own clock is right', async (context) => {
  context.skip(!redis, 'no redis-server on PATH');
  await open();
  const years = Date.now() - hour;
  clock.set(-years);
  world.writeState([{ list_id: 'l1' }]);
  await whileRunning(async () => {
    await untilEvent('run.finished');
    expect(world.readState()[0]?.['latest_timestamp']).toMatch(/^20/);
    expect(await nextCheck()).toBe(1);
    clock.set(years);
    expect(await nextCheck()).toBe(2);
    expect(await nextCheck()).toBe(2);
  });
  expect(find('run.failed')).toEqual([]);
  expectSane(0);
});

test('controller.quit is a request also when the clock was set back since the start', async (context) => {
  context.skip(!redis, 'no redis-server on PATH');
  await open();
  world.writeState([{ list_id: 'l1' }]);
  await whileRunning(async () => {
    await untilEvent('run.finished');
    const quit = join(world.folder, 'controller.quit');
    writeFileSync(`${quit}.new`, '');
    utimesSync(`${quit}.new`, new Date(Date.now() - hour), new Date(Date.now() - hour));
    renameSync(`${quit}.new`, quit);
    await until(
      () => find('quit.requested').length > 0 || find('notice').some(({ topic }) => topic === 'quit'),
    );
    expect(find('quit.requested')).toHaveLength(1);
  });
});
