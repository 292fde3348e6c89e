import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeQueueOutages } from '../conformance/queue-outage.ts';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { failure, jobs, openStore, signal, Worker } from './postgres-store.ts';

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

const fresh = () => postgres.database(`work_${(databases += 1)}`);

async function server() {
  const { kill, start } = postgres;
  const url = await fresh();
  return { url, kill, start };
}

describeQueueOutages('when the Postgres server goes away', async () => {
  // The test before may have left it down.
  const up = await failure(postgres.sql('SELECT 1'));
  if (up !== 'resolved') await postgres.start();
  return server();
});

test.each([
  ['a job is done though the connection broke while that was stored', true, 'completed'],
  ["twin: BullMQ's own worker fails it", false, 'failed'],
])('%s', async (_title, own, state) => {
  if ((await failure(postgres.sql('SELECT 1'))) !== 'resolved') await postgres.start();
  const url = await fresh();
  const database = url.slice(url.lastIndexOf('/') + 1);
  const store = openStore(url);
  const queue = store.queue('broken');
  await queue.add(jobs(1), signal);
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const work = async () => {
    begun += 1;
    await gate.promise;
  };
  const worker = own ? queue.work(work, { concurrency: 1 }) : bareWorker(url, work);
  await until(() => begun === 1);
  // The outcome waits for this row, and is cut off there.
  await postgres.sql('BEGIN; SELECT 1 FROM bullmq.job FOR UPDATE', database);
  gate.resolve();
  const cutOff = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}'
    AND wait_event_type = 'Lock' AND query ~ 'move_to_completed'`;
  await until(async () => (await postgres.sql(cutOff)).rows.length === 1);
  await postgres.sql('COMMIT', database);
  await until(async () => (await queue.outcomes(['job-0'], signal))[0]?.state === state, { ms: 5000 });
  expect(begun).toBe(1);
  await worker.close();
  await store.close();
});

test('makes the schema when it begins, and leaves no connection behind', async () => {
  const url = await fresh();
  const store = openStore(url);
  const queue = store.queue('lists');
  const leave = queue.onFinished(() => undefined);
  const worker = queue.work(async () => await Promise.resolve(), { concurrency: 3 });
  await until(async () => (await queue.status(signal)).workers === 1);
  await queue.add(jobs(3), signal);
  await until(async () => (await queue.status(signal)).completed === 3);
  leave();
  await worker.close();
  await store.close();
  const database = url.slice(url.lastIndexOf('/') + 1);
  await until(async () => {
    const { rows } = await postgres.sql(`SELECT 1 FROM pg_stat_activity WHERE datname = '${database}'`);
    return rows.length === 0;
  });
});

function bareWorker(connection: string, work: () => Promise<void>) {
  const worker = new Worker('broken', work, { connection });
  worker.on('error', () => undefined);
  return worker;
}
