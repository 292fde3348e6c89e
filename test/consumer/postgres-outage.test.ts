import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { failure, openTarget, signal, startTarget, version } from './world.ts';

const missing = hasPostgres() ? undefined : noPostgres;
let postgres: TestPostgres;
let databases = 0;

beforeAll(async () => {
  if (missing === undefined) postgres = await startPostgres();
});
afterAll(() => postgres?.stop());
beforeEach((context) => {
  if (missing !== undefined) context.skip(missing);
});

const channel = 'ORI_PERSON_CHANNEL';
const one = { channel, entities: [version('p-1', 1)] };

async function fresh() {
  const name = `outage_${(databases += 1)}`;
  return { name, url: await postgres.database(name) };
}

test('a server that is not there at the start is waited for, said once', async () => {
  const { url } = await fresh();
  await postgres.kill();
  const target = startTarget(url);
  const prepared = target.prepare(signal);
  await until(() => target.said.length > 0);
  expect(target.said[0]).toMatch(
    /^postgres:\/\/127\.0\.0\.1:\d+\/outage_\d+: .*ECONNREFUSED.*; waiting for it, no job fails for this\. Check/,
  );
  await postgres.start();
  await prepared;
  expect(target.said).toHaveLength(3);
  await target.store(one, signal);
  await target.close();
});

test('the wait at the start ends when the consumer does', async () => {
  const { url } = await fresh();
  await postgres.kill();
  const target = startTarget(url);
  const stop = new AbortController();
  const prepared = failure(target.prepare(stop.signal));
  await until(() => target.said.length > 0);
  stop.abort();
  expect(await prepared).toMatch(/abort/);
  await target.close();
  await postgres.start();
});

test('a server that says nothing any more is left as soon as the job is lost, and nothing of it is stored', async () => {
  const { name, url } = await fresh();
  const target = await openTarget(url);
  await target.store(one, signal);
  await postgres.pause();
  const stop = new AbortController();
  const lost = failure(target.store({ channel, entities: [version('p-2', 1)] }, stop.signal));
  const started = performance.now();
  stop.abort();
  expect(await lost).toMatch(/abort/);
  expect(performance.now() - started).toBeLessThan(1000);
  await postgres.resume();
  await target.store({ channel, entities: [version('p-3', 1)] }, signal);
  expect((await postgres.sql('SELECT id FROM persons ORDER BY 1', name)).rows).toEqual([
    { id: 'p-1' },
    { id: 'p-3' },
  ]);
  await target.close();
});

test('closing takes about a second at most, whatever the server does', async () => {
  const { url } = await fresh();
  const target = await openTarget(url);
  await postgres.pause();
  const stuck = failure(target.store(one, signal));
  const started = performance.now();
  await target.close();
  await target.close();
  expect(performance.now() - started).toBeLessThan(2500);
  expect(await stuck).not.toBe('resolved');
  await postgres.resume();
});

test('tables that were dropped are made again; a lock held by somebody is waited for', async () => {
  const { name, url } = await fresh();
  const target = await openTarget(url);
  await postgres.sql('DROP TABLE persons', name);
  await target.store(one, signal);
  const other = await postgres.connect(name);
  await other.query('BEGIN; LOCK TABLE persons');
  const waiting = target.store({ channel, entities: [version('p-2', 1)] }, signal);
  await until(
    async () => (await postgres.sql('SELECT FROM pg_locks WHERE NOT granted', name)).rows.length > 0,
  );
  await other.query('COMMIT');
  await waiting;
  expect((await postgres.sql('SELECT id FROM persons', name)).rows).toHaveLength(2);
  await target.close();
});

test('what went wrong with the database since the start is waited out too, with what to do', async () => {
  const { name, url } = await fresh();
  const target = await openTarget(url);
  await postgres.sql('ALTER TABLE persons RENAME data TO content', name);
  const waiting = target.store(one, signal);
  await until(() => target.said.some((text) => text.includes('the tables are not as they were made')));
  await postgres.sql('ALTER TABLE persons RENAME content TO data', name);
  await waiting;
  await postgres.sql('DROP TABLE persons; CREATE VIEW persons AS SELECT 1 AS id', name);
  const again = target.store({ channel, entities: [version('p-2', 1)] }, signal);
  await until(() => target.said.at(-1)?.includes('waiting for it'));
  await postgres.sql('DROP VIEW persons', name);
  await again;
  expect((await postgres.sql('SELECT id FROM persons', name)).rows).toEqual([{ id: 'p-2' }]);
  await target.close();
});

test.each([
  ['off', 'on'],
  ['remote_apply', 'remote_apply'],
])('where the database commits with synchronous_commit = %s, chunks do with %s', async (given, used) => {
  const { name, url } = await fresh();
  await (await openTarget(url)).close();
  await postgres.sql(
    `ALTER DATABASE ${name} SET synchronous_commit = ${given};
     ALTER TABLE persons ADD waits text DEFAULT current_setting('synchronous_commit')`,
    name,
  );
  const target = await openTarget(url);
  await target.store(one, signal);
  expect((await postgres.sql('SELECT waits FROM persons', name)).rows).toEqual([{ waits: used }]);
  await target.close();
});
