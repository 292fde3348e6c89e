import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import type { SisOptions } from '../../src/simulator/sis/options.ts';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { aheadOf } from '../support/sisu-ahead.ts';
import { openSisuInside, type SisuInsideOptions } from '../support/sisu-inside.ts';
import { differences, differencesOf, isPoisoned } from '../support/sisu-tables.ts';
import { until } from '../support/until.ts';

// What a person does to SISU's services and sees of them, through the real program in this process.
let postgres: TestPostgres;
let redis: TestRedis;
let databases = 0;

beforeAll(async () => {
  if (!hasPostgres() || !hasRedis()) return;
  [postgres, redis] = await Promise.all([
    startPostgres(),
    // One for each test.
    startRedis({ args: ['--databases', '64'] }),
  ]);
});
afterAll(async () => {
  await redis?.stop();
  await postgres?.stop();
});
beforeEach((context) => {
  context.skip(!hasPostgres(), noPostgres);
  context.skip(!hasRedis(), 'no redis-server on PATH');
});

/** A database of its own in Redis and in Postgres for each test. */
function open(sis: SisOptions, others: Partial<SisuInsideOptions> = {}) {
  return openSisuInside({ queue: `${redis.url}/${(databases += 1)}`, postgres, sis, ...others });
}

const group = { service: 'sisu' };

describe('a service that SISU forbids', () => {
  test('is shown with its cause, stops no other, and comes when the right is given', async () => {
    const sisu = await open({ entities: { PERSON: 30, LOCATION: 20 }, forbidden: ['LOCATION'] });
    sisu.writeState(group);
    expect(await sisu.go({ once: true })).toBe(1);
    expect(sisu.said('run.failed')).toMatchObject([
      { entry: { label: 'service "LOCATION"' }, error: { code: 'source.forbidden' } },
    ]);
    expect(sisu.said('run.finished')).toHaveLength(25);
    // A service that may not be read is no reason to keep the others' word back (S16).
    expect(await sisu.passes()).toHaveLength(1);

    sisu.simulator.forbid('LOCATION', false);
    expect(await sisu.go({ once: true })).toBe(0);
    expect(sisu.said('run.finished', 'LOCATION')).toMatchObject([{ totals: { published: 20 } }]);
    expect(await differences(sisu.simulator, sisu.client)).toEqual([]);
  });

  test('says so in its status, and is probed again by itself', async () => {
    const sisu = await open({ entities: { LOCATION: 5 }, forbidden: ['LOCATION'] });
    let ahead = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + ahead };
    sisu.writeState({ service: 'LOCATION' });
    await sisu.during(
      async () => {
        const report = await until(() =>
          sisu
            .said('entries.known')
            .at(-1)
            ?.entries.find(({ state }) => state === 'failed'),
        );
        expect(report.cause).toContain('SISU forbids it');
        sisu.simulator.forbid('LOCATION', false);
        ahead = 61_000;
        sisu.writeSettings({ consume: 'importer-queue', parallel_entries: 3 });
        await until(() => sisu.said('run.finished').length > 0);
      },
      { clock },
    );
    expect(sisu.said('run.failed')).toHaveLength(1);
    expect(await differencesOf('LOCATION', sisu.simulator, sisu.client)).toEqual([]);
  });
});

test('after a service that failed there is no POST_UPDATE, and after the next pass there is', async () => {
  const sisu = await open({ entities: { PERSON: 5 } });
  sisu.simulator.failGraphql(true);
  sisu.writeState(group);
  expect(await sisu.go({ once: true })).toBe(1);
  expect(sisu.said('run.failed')).toMatchObject([{ entry: { label: 'service "GRAPHQL_GRADE_SCALES"' } }]);
  expect(await sisu.passes()).toEqual([]);
  sisu.simulator.failGraphql(false);
  expect(await sisu.go({ once: true })).toBe(0);
  expect(await sisu.passes()).toHaveLength(1);
});

describe('a person who edits the ordinal of one service in the middle of a run', () => {
  const moving: SisOptions = { entities: { PERSON: 200, LOCATION: 200, PLAN: 200 }, latencyMs: 40 };

  test.each([
    ['reads on from there', 100],
    ['reads everything again at 0', 0],
  ])('%s, and the others go on', async (_title, place) => {
    const sisu = await open(moving);
    const all = [...sisu.simulator.newest('LOCATION')];
    const ordinal = place === 0 ? 0 : (all[place - 1]?.ordinal ?? 0);
    const behind = all.length - place;
    sisu.writeState({ ...group, items_per_request: 10 });
    await sisu.during(async () => {
      await until(() => sisu.said('page.confirmed', 'LOCATION').length >= 3);
      const [entry] = sisu.readState();
      const reached = { PERSON: sisu.ordinals()['PERSON'] ?? null, LOCATION: ordinal };
      sisu.writeState({ ...entry, latest_ordinal: reached });
      await until(() =>
        ['PERSON', 'LOCATION', 'PLAN'].every((one) => sisu.said('run.finished', one).length > 0),
      );
      await until(() => sisu.ordinals()['LOCATION'] === all.at(-1)?.ordinal);
    });
    expect(sisu.said('run.cancelled')).toMatchObject([
      { entry: { label: 'service "LOCATION"' }, reason: 'latest_ordinal was edited' },
    ]);
    expect(sisu.said('run.chain', 'LOCATION')).toMatchObject([
      { cursor: 0, after: 0 },
      { cursor: ordinal, after: ordinal },
    ]);
    expect(sisu.said('run.finished', 'LOCATION')).toMatchObject([{ totals: { published: behind } }]);
    for (const other of ['PERSON', 'PLAN'])
      expect(sisu.said('run.finished', other)).toMatchObject([{ totals: { published: 200 } }]);
    expect(sisu.said('run.failed')).toEqual([]);
    // What lies before the ordinal that a person named is theirs to leave out.
    const missing = await differencesOf('LOCATION', sisu.simulator, sisu.client);
    expect(missing.length).toBeLessThanOrEqual(place);
  });
});

test('the ordinal in the file moves while a long run goes on, never ahead of what is stored', async () => {
  const sisu = await open({ entities: { PERSON: 200, PLAN: 10 }, latencyMs: 60 });
  sisu.writeState({ ...group, items_per_request: 10 });
  // Ten times as fast: a second is what the file is left alone for.
  const clock = { ...systemClock, elapsed: () => systemClock.elapsed() * 10 };
  const ahead: string[] = [];
  await sisu.during(
    async () => {
      await until(async () => {
        ahead.push(...(await aheadOf('PERSON', sisu)));
        return sisu.said('run.finished', 'PERSON').length > 0;
      });
    },
    { clock },
  );
  const [{ cursor: reached } = { cursor: 0 }] = sisu.said('run.advanced', 'PERSON');
  expect(reached).toBeGreaterThan(0);
  expect(reached).toBeLessThan(sisu.ordinals()['PERSON'] ?? 0);
  expect(ahead).toEqual([]);
  // What the run itself writes is no edit of a person's.
  expect(sisu.said('run.cancelled')).toEqual([]);
  expect(sisu.said('run.started', 'PERSON')).toHaveLength(1);
});

test('a service with an entry of its own is left out of the group', async () => {
  const sisu = await open({ entities: { PERSON: 30, PLAN: 10 } });
  sisu.writeState(group, { service: 'PERSON', items_per_request: 7 });
  expect(await sisu.go({ once: true })).toBe(0);
  const [together, alone] = sisu.readState();
  expect(Object.keys(Object(together?.['latest_ordinal']))).not.toContain('PERSON');
  expect(Object.keys(Object(together?.['latest_ordinal']))).toContain('PLAN');
  expect(alone).toMatchObject({ service: 'PERSON', items_per_request: 7, total_updates: 30 });
  expect(alone?.['latest_ordinal']).toBe([...sisu.simulator.newest('PERSON')].at(-1)?.ordinal);
  expect(sisu.said('run.started', 'PERSON')).toHaveLength(1);
  expect(await differences(sisu.simulator, sisu.client)).toEqual([]);
});

test('two entries of one service are both invalid, and the rest of the file runs', async () => {
  const sisu = await open({ entities: { PERSON: 5, PLAN: 5 } });
  sisu.writeState({ service: 'PERSON' }, { service: 'PLAN' }, { service: 'PERSON', latest_ordinal: 0 });
  expect(await sisu.go({ once: true })).toBe(1);
  const invalid = sisu.said('entry.invalid');
  expect(invalid.map(({ problem }) => problem.line)).toEqual([3, 9]);
  expect(invalid[0]?.problem.message).toContain('"PERSON" has two entries');
  expect(sisu.said('run.started')).toMatchObject([{ entry: { label: 'service "PLAN"' } }]);
});

test('a codebook is read at each start and published only when its content changed', async () => {
  const sisu = await open({ entities: {} });
  sisu.writeState({ service: 'COUNTRY' });
  const published = () => sisu.said('run.finished', 'COUNTRY').map(({ totals }) => totals.published);
  for (const wanted of [[8], [8, 0]]) {
    expect(await sisu.go({ once: true })).toBe(0);
    expect(published()).toEqual(wanted);
  }
  sisu.simulator.revise('COUNTRY');
  expect(await sisu.go({ once: true })).toBe(0);
  expect(published()).toEqual([8, 0, 9]);
  expect(sisu.ordinals()).toEqual({ COUNTRY: 1 });
  // A person wants it again.
  sisu.writeState({ service: 'COUNTRY', latest_ordinal: 0 });
  expect(await sisu.go({ once: true })).toBe(0);
  expect(published()).toEqual([8, 0, 9, 9]);
  expect(sisu.simulator.requests.byKind['COUNTRY']).toBe(4);
  expect(await differencesOf('COUNTRY', sisu.simulator, sisu.client)).toEqual([]);
});

/** SISU holds as many places as one service may have. */
async function withDemoBeside(own: string) {
  const entities = { PERSON: 20, ORGANISATION: 20, COURSE_UNIT: 20, EDUCATION: 20, LOCATION: 20 };
  const sisu = await open({ entities }, { consume: false });
  sisu.writeState({ service: 'sisu' }, { service: own, ...(own === 'demo' ? {} : { id: 'own' }) });
  const begun = (service: string) => sisu.said('run.started', service).length > 0;
  let hasBegun = false;
  await sisu.during(async () => {
    await until(() => sisu.said('chunks.waiting').filter(({ chunks }) => chunks > 0).length >= 4);
    hasBegun = await until(() => begun(own), { ms: own === 'demo' ? 20_000 : 1500 }).then(
      () => true,
      () => false,
    );
  });
  return hasBegun;
}

describe('without consumers', () => {
  test('the services that wait for them hold up nothing else', async () => {
    expect(await withDemoBeside('demo')).toBe(true);
  });

  test('twin: one that shares their places waits with them', async () => {
    expect(await withDemoBeside('LOCATION')).toBe(false);
  });

  test('go --once says who is missing, keeps its place, and goes on when they are there', async () => {
    const sisu = await open(
      { entities: { PERSON: 40 } },
      { env: { SLUICE_CONFIRM_WAIT_SECONDS: '1' }, consume: false },
    );
    sisu.writeState({ service: 'PERSON', items_per_request: 10 });
    expect(await sisu.go({ once: true })).toBe(1);
    expect(sisu.said('run.failed').map(({ error }) => error.message)).toEqual([
      '2 chunks wait for consumers, 0 workers on queue "importer-queue"',
    ]);
    expect(sisu.ordinals()).toEqual({});

    sisu.writeSettings({ consume: 'importer-queue' });
    expect(await sisu.go({ once: true })).toBe(0);
    expect(sisu.said('run.started').at(-1)).toMatchObject({ resumed: true });
    expect(sisu.said('run.finished')).toMatchObject([{ totals: { published: 40 } }]);
    expect(await differencesOf('PERSON', sisu.simulator, sisu.client)).toEqual([]);
  });

  test('a queue that loses its data meanwhile gets the chunks again', async () => {
    const own = await startRedis();
    try {
      const sisu = await open({ entities: { PERSON: 40 } }, { queue: own.url, consume: false });
      sisu.writeState({ service: 'PERSON', items_per_request: 10 });
      await sisu.during(async () => {
        await until(async () => {
          const queues = await sisu.operator().queues();
          return queues?.some(({ name, waiting }) => name === 'importer-queue' && waiting === 2);
        });
        await own.kill();
        await own.start();
        sisu.writeSettings({ consume: 'importer-queue' });
        await until(() => sisu.said('run.finished').length > 0, { ms: 30_000 });
      });
      expect(await differencesOf('PERSON', sisu.simulator, sisu.client)).toEqual([]);
    } finally {
      await own.stop();
    }
  });
});

describe('a change that was committed behind the ordinal', () => {
  test.each([
    ['comes with the next run', '30', 'UTC', []],
    ['comes also where SISU writes times of its own zone', '30', 'Europe/Helsinki', []],
    ['twin: without an overlap never comes', '0', 'UTC', [expect.stringContaining('is of ')]],
  ])('%s', async (_title, overlap, timeZone, wanted) => {
    const sisu = await open(
      { entities: { PERSON: 20 }, timeZone },
      { env: { SLUICE_ORDINAL_OVERLAP_SECONDS: overlap } },
    );
    const [one, other] = sisu.simulator.newest('PERSON');
    sisu.writeState({ service: 'PERSON', refresh_seconds: 1 });
    const late = sisu.simulator.change('PERSON', { key: one?.key ?? [], lateMs: 1500 });
    const made = sisu.simulator.now();
    const early = sisu.simulator.change('PERSON', { key: other?.key ?? [] });
    expect(early.ordinal).toBeGreaterThan(late.ordinal);
    expect(await sisu.go({ once: true })).toBe(0);
    expect(sisu.ordinals()).toEqual({ PERSON: early.ordinal });
    expect(sisu.said('run.finished').at(-1)).toMatchObject({ totals: { published: 20 } });
    await until(() => sisu.simulator.now() > made + 1500);
    expect(await sisu.go({ once: true })).toBe(0);
    expect(await differencesOf('PERSON', sisu.simulator, sisu.client)).toEqual(wanted);
    expect(sisu.ordinals()).toEqual({ PERSON: early.ordinal });
  });

  test('comes with the next run also when the run before buried too many and was given up', async () => {
    const sisu = await open({ entities: { PERSON: 50 }, poison: 5 });
    const { simulator } = sisu;
    const [hidden, ...others] = [...simulator.newest('PERSON')].filter((record) => !isPoisoned(record));
    const late = simulator.change('PERSON', { key: hidden?.key ?? [], lateMs: 60_000 });
    // Ten letters lie before it, which is as many as a run may leave; and behind a page that passes it there are more.
    for (const { key } of others.slice(0, 20)) simulator.change('PERSON', { key });
    for (let made = 0; made < 15; made += 1) simulator.change('PERSON');
    sisu.writeState({ service: 'PERSON', items_per_request: 20, worker_count: 1 });
    expect(await sisu.go({ once: true })).toBe(1);
    expect(sisu.said('run.failed')).toMatchObject([{ error: { code: 'run.too_many_dead' } }]);
    expect(sisu.ordinals()['PERSON']).toBeGreaterThan(late.ordinal);
    simulator.advance(60_000);
    expect(await sisu.go({ once: true })).toBe(0);
    expect(await differencesOf('PERSON', simulator, sisu.client)).toEqual([]);
  });
});
