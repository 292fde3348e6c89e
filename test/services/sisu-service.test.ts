import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import type { Entry } from '../../src/model/entry.ts';
import { openQueueStore } from '../../src/queue/open.ts';
import { parseQueueUrl } from '../../src/queue/url.ts';
import { createCatalogue } from '../../src/services/catalogue.ts';
import { type SisuService, sisuServices } from '../../src/services/sisu.ts';
import { faultParser } from '../../src/simulator/parse-fault.ts';
import { isSisService, sisKinds } from '../../src/simulator/sis/services.ts';
import { hasRedis, startRedis } from '../support/redis.ts';
import { addresses, everything, openSisu, startUniversity } from './sisu-world.ts';

const catalogue = createCatalogue();
afterAll(() => catalogue.close());

describe('each service reads all that SISU has', () => {
  test.each(sisuServices.map(({ id, kind }) => [id, kind] as const))('%s (%s)', async (id, kind) => {
    const simulator = await startUniversity({ entities: 1700 });
    if (!isSisService(id)) throw new Error(`${id} is not simulated`);
    const read = await everything(await openSisu(id, addresses(simulator)));
    const there = [...simulator.newest(id)];
    expect(there.length).toBeGreaterThan(0);
    expect(read.map(({ key = '' }) => partsOf(key))).toEqual(there.map(({ key }) => key));
    expect(read.map(({ value }) => value)).toEqual(there.map(({ value }) => value));
    expect(read.map(({ version }) => version)).toEqual(
      there.map(({ ordinal }) => (kind === 'whole' ? 0 : ordinal)),
    );
  });
});

function partsOf(key: string): readonly string[] {
  const parts: unknown = key.startsWith('[') ? JSON.parse(key) : [key];
  return Array.isArray(parts) ? parts.map(String) : [];
}

test('a forbidden service is a refusal, and the others are read', async () => {
  const simulator = await startUniversity({ entities: 100, forbidden: ['PERSON', 'COUNTRY'] });
  for (const id of ['PERSON', 'COUNTRY']) {
    await expect(everything(await openSisu(id, addresses(simulator)))).rejects.toMatchObject({
      code: 'source.forbidden',
      recovery: 'stop',
    });
  }
  expect(await everything(await openSisu('MODULE', addresses(simulator)))).not.toEqual([]);
  simulator.forbid('PERSON', false);
  expect(await everything(await openSisu('PERSON', addresses(simulator)))).not.toEqual([]);
});

test('GraphQL that answers with errors is a failure', async () => {
  const simulator = await startUniversity({ entities: 0 });
  simulator.failGraphql(true);
  await expect(
    everything(await openSisu('GRAPHQL_GRADE_SCALES', addresses(simulator))),
  ).rejects.toMatchObject({
    code: 'source.graphql',
  });
});

test('all kinds of faults cost requests and no record', async () => {
  const parse = faultParser(sisKinds);
  const faults = ['503:0.1', 'truncate:0.1', 'reset:0.1', 'html:0.1'].map(parse);
  const simulator = await startUniversity({ entities: { ATTAINMENT: 2000 }, faults });
  const clock = { ...systemClock, sleep: () => Promise.resolve() };
  const opened = await openSisu('ATTAINMENT', addresses(simulator), clock);
  const read = await everything(opened, 25);
  expect(read.map(({ key }) => key)).toEqual(
    [...simulator.newest('ATTAINMENT')].map(({ key: [key] }) => key),
  );
  expect(opened.traffic().requests).toBe(simulator.requests.total);
  expect(Object.keys(simulator.requests.byFault)).toHaveLength(4);
});

describe('an entry', () => {
  test.each<[string, Entry, string | undefined]>([
    ['needs its name alone', { service: 'PERSON' }, undefined],
    ['of one answer too', { service: 'COUNTRY' }, undefined],
    ['may mean them all', { service: 'sisu' }, undefined],
    ['has an ordinal', { service: 'PERSON', latest_ordinal: 5 }, undefined],
    ['of one answer says by 1 that it was published', { service: 'COUNTRY', latest_ordinal: 1 }, undefined],
    [
      'that means them all has no single ordinal (S16)',
      { service: 'sisu', latest_ordinal: 5 },
      '"latest_ordinal" must be an object by service, like { "PERSON": 5 }',
    ],
    [
      'that means them all has one for each',
      { service: 'sisu', latest_ordinal: { PERSON: 5, PLAN: null } },
      undefined,
    ],
    [
      'that means them all has none for strangers',
      { service: 'sisu', latest_ordinal: { PERSON: 5, FOO: 5 } },
      '"latest_ordinal" knows no service "FOO"',
    ],
    [
      'has no ordinals of others',
      { service: 'PERSON', latest_ordinal: { PERSON: 5 } },
      '"latest_ordinal" must be a whole number or null: this is one service',
    ],
    ['of one answer may say so', { service: 'COUNTRY', latest_ordinal: null }, undefined],
    ...['PERSON', 'sisu'].map((service): [string, Entry, string] => [
      'has no time',
      { service, latest_timestamp: '2026-01-01T00:00:00Z' },
      '"latest_timestamp" does not fit here: SISU is followed by latest_ordinal',
    ]),
    ...['PERSON', 'COUNTRY', 'sisu'].flatMap((service): [string, Entry, string | undefined][] => [
      [
        'has no offset',
        { service, start_offset: 5 },
        '"start_offset" does not fit here: set latest_ordinal to begin later',
      ],
      [
        'has no account',
        { service, account: 'x' },
        '"account" does not fit here: SISU has one set of credentials',
      ],
      ['has large pages', { service, items_per_request: 10_000 }, undefined],
      [
        'has none larger',
        { service, items_per_request: 10_001 },
        '"items_per_request" must be at most 10000: SISU gives no larger pages',
      ],
      ['has its sink', { service, sink: 'x' }, '"sink" must be one of: "bullmq"'],
    ]),
    ['is spelt as the old importer does', { service: 'ASSESMENT_ITEM' }, undefined],
    ['is told the right capitals', { service: 'person' }, '"service" is spelt "PERSON"'],
    ['is told the right capitals of the group', { service: 'SISU' }, '"service" is spelt "sisu"'],
  ])('%s (%j)', (_name, entry, problem) => {
    const fault = catalogue.check(entry);
    expect(fault && `"${fault.field}" ${fault.message}`).toBe(problem);
  });

  test('of another name is told all there are', () => {
    const names = ['demo', 'sisu', ...sisuServices.map(({ id }) => id)];
    expect(catalogue.check({ service: 'ASSESSMENT_ITEM' })?.message).toBe(
      `must be one of: ${names.map((name) => `"${name}"`).join(', ')}`,
    );
  });

  test('that means them all has no service of its own', () => {
    expect(() => catalogue.of({ service: 'sisu' })).toThrow(RangeError);
  });
});

test.each<[SisuService['kind'], string]>([
  ['chained', '0 * * * *'],
  ['whole', '15 4 * * *'],
])('services that are %s run at %s in Helsinki', (kind, schedule) => {
  for (const { id } of sisuServices.filter((service) => service.kind === kind)) {
    expect(catalogue.of({ service: id })).toMatchObject({
      name: id,
      group: 'sisu',
      defaults: { itemsPerRequest: 1000, workerCount: 2, schedule, timezone: 'Europe/Helsinki' },
    });
  }
});

test('chunks go to importer-queue under the old channel, and count when they are processed', async (context) => {
  if (!hasRedis()) context.skip('no redis-server on PATH');
  const redis = await startRedis();
  const store = await openQueueStore(parseQueueUrl(redis.url), { folder: '' });
  onTestFinished(async () => {
    await store.close();
    await redis.stop();
  });
  const entry = { service: 'TERM_REGISTRATION' };
  const sink = catalogue.of(entry).openSink(entry, { queue: store });
  expect(sink).toMatchObject({ name: 'queue "importer-queue"', grade: 'processed' });
  const values = [{ id: 'a' }, { id: 'b' }];
  await sink.publish([{ id: 'run-1-0-abc', keys: ['a', 'b'], values, bytes: 20 }], AbortSignal.timeout(5000));
  expect(await store.queue('importer-queue').peek(5, AbortSignal.timeout(5000))).toEqual([
    { id: 'run-1-0-abc', name: 'ORI_TERM_REGISTRATION', data: values },
  ]);
});
