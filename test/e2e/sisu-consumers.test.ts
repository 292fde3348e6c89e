import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openConsumer } from '../../src/consumer/open.ts';
import { systemClock } from '../../src/model/clock.ts';
import { openQueueStore } from '../../src/queue/open.ts';
import { chooseQueue } from '../../src/queue/url.ts';
import type { Catalogue } from '../../src/services/catalogue.ts';
import { sisuServices } from '../../src/services/sisu.ts';
import { exportServices, isExportService } from '../../src/simulator/sis/services.ts';
import { canonical } from '../../src/state/canonical.ts';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { aheadOf } from '../support/sisu-ahead.ts';
import { openSisuInside } from '../support/sisu-inside.ts';
import { differencesOf, isPoisoned, sisServices } from '../support/sisu-tables.ts';
import { until } from '../support/until.ts';

// Consumers other than the one that ships with the program, and broken parts beside them.
let postgres: TestPostgres;

beforeAll(async () => {
  if (hasPostgres()) postgres = await startPostgres();
});
afterAll(() => postgres?.stop());
beforeEach((context) => {
  context.skip(!hasPostgres(), noPostgres);
  context.skip(!hasRedis(), 'no redis-server on PATH');
});

async function ownRedis(): Promise<TestRedis> {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  return redis;
}

test('a consumer of the old kind gets each service under the old name, as bare arrays of what SISU sent', async () => {
  const redis = await ownRedis();
  const sis = { entities: 400, poison: 50 };
  const sisu = await openSisuInside({ queue: redis.url, postgres, sis, consume: false });
  const { printed } = start('old-consumer', redis);
  sisu.writeState({ service: 'sisu', items_per_request: 50 });
  expect(await sisu.go({ once: true })).toBe(0);

  const jobs = Map.groupBy(
    printed().map((line) => jobSchema.parse(JSON.parse(line))),
    ({ name }) => name,
  );
  for (const service of sisServices) {
    const { channel = '' } = sisuServices.find(({ id }) => id === service) ?? {};
    const arrived = (jobs.get(channel) ?? []).flatMap(({ data }) => data);
    const sent = [...sisu.simulator.newest(service)].filter((record) => !isPoisoned(record));
    // To the letter, but for codebooks, which SISU does not send as a list of entities.
    const spell = (entity: object) => (isExportService(service) ? JSON.stringify(entity) : canonical(entity));
    expect({ service, entities: arrived.map(spell).toSorted() }).toEqual({
      service,
      entities: sent.map(({ value }) => spell(value)).toSorted(),
    });
    jobs.delete(channel);
  }
  expect([...jobs.keys()]).toEqual([]);
  const poisoned = exportServices.flatMap((service) =>
    [...sisu.simulator.newest(service)].filter(isPoisoned),
  );
  expect(poisoned.length).toBeGreaterThan(3);
  expect(sisu.letters().map(({ reason }) => reason)).toEqual(poisoned.map(() => 'testError'));
});

test.each([
  ['a consumer that stood still in the middle of a job and wakes up late changes nothing', 'careful', []],
  [
    'twin: without the check of ordinals it puts old versions back',
    'careless',
    [expect.stringContaining(' is of ')],
  ],
])('%s', async (_title, way, wanted) => {
  const redis = await ownRedis();
  const sis = { entities: { ENROLMENT: 20 } };
  const sisu = await openSisuInside({ queue: redis.url, postgres, sis, consume: false });
  sisu.writeState({ service: 'ENROLMENT' });
  const frozen = start('frozen-consumer', redis, sisu.to, way);
  await sisu.during(async () => {
    await until(() => frozen.printed().includes('taken'), { ms: 20_000 });
    const other = await consumeQuickly(redis, sisu.to);
    await until(() => sisu.said('run.finished').length === 1, { ms: 20_000 });
    const [first] = sisu.simulator.newest('ENROLMENT');
    sisu.simulator.change('ENROLMENT', { key: first?.key ?? [] });
    await sisu.operator().command({ type: 'run', id: 'ENROLMENT' });
    await until(() => sisu.said('run.finished').length === 2, { ms: 20_000 });
    expect(await differencesOf('ENROLMENT', sisu.simulator, sisu.client)).toEqual([]);
    frozen.child.kill('SIGCONT');
    await until(() => frozen.printed().includes('stored'));
    await other();
  });
  expect(await differencesOf('ENROLMENT', sisu.simulator, sisu.client)).toEqual(wanted);
});

describe('the ordinal in the file', () => {
  test.each([
    ['waits for consumers', (catalogue: Catalogue) => catalogue, 0],
    ['twin: with a sink that only asks for a place in the queue it is ahead of them', onlyQueued, 30],
  ])('%s', async (_title, around, ahead) => {
    const redis = await ownRedis();
    const sis = { entities: { PERSON: 30 } };
    const sisu = await openSisuInside({ queue: redis.url, postgres, sis, consume: false });
    sisu.writeState({ service: 'PERSON', items_per_request: 10 });
    const running = sisu.go({ wrapping: { catalogue: around } });
    const waiting = async () => {
      const queues = await sisu.operator().queues();
      return queues?.find(({ name }) => name === 'importer-queue')?.waiting ?? 0;
    };
    await until(
      async () => (await waiting()) >= 2 && (ahead === 0 || sisu.ordinals()['PERSON'] !== undefined),
    );
    expect(await aheadOf('PERSON', sisu)).toHaveLength(ahead);
    sisu.signal('SIGTERM');
    await running;
  });
});

function onlyQueued(catalogue: Catalogue): Catalogue {
  return {
    ...catalogue,
    of(entry) {
      const service = catalogue.of(entry);
      return {
        ...service,
        openSink: (one, context) => ({ ...service.openSink(one, context), grade: 'queued' }),
      };
    },
  };
}

const jobSchema = z.object({ name: z.string(), data: z.array(z.looseObject({})) });

interface Started {
  readonly child: ChildProcess;
  /** The lines so far. */
  readonly printed: () => readonly string[];
}

function start(name: string, { host, port }: TestRedis, ...args: readonly string[]): Started {
  const script = fileURLToPath(new URL(`../support/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [script, host, String(port), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (part: Buffer) => (text += part.toString()));
  return { child, printed: () => text.split('\n').slice(0, -1) };
}

/** A consumer that finds out soon that another one has stopped. @returns what closes it */
async function consumeQuickly(redis: TestRedis, to: string): Promise<() => Promise<void>> {
  const options = { folder: '', lockMs: 1000 };
  const store = await openQueueStore(chooseQueue({ QUEUE_URL: redis.url }), options);
  const queue = store.queue('importer-queue');
  const consumer = openConsumer({ queue, to, concurrency: 1, emit: () => {}, clock: systemClock });
  return async () => {
    await consumer.close();
    await store.close();
  };
}
