import { createRequire } from 'node:module';
import type { PgQueryable } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { EventBody } from '../../src/model/events.ts';
import { prepareSchema } from '../../src/queue/postgres-schema.ts';
import { LOCK_MS } from '../conformance/queue-check.ts';
import { describeQueueStore } from '../conformance/queue-store.ts';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { killWorkerOf } from './killed-worker.ts';
import { failure, jobs, openStore, Queue, signal, Worker } from './postgres-store.ts';

const missing = hasPostgres() ? undefined : noPostgres;
let postgres: TestPostgres;
/** A database in which the schema is there. */
let ready: string;
let databases = 0;

beforeAll(async () => {
  if (missing !== undefined) return;
  postgres = await startPostgres();
  ready = await fresh();
  const store = openStore(ready);
  await store.putMarker('r0', signal);
  await store.close();
});
afterAll(() => postgres?.stop());
beforeEach((context) => {
  if (missing !== undefined) context.skip(missing);
});

const fresh = (options?: string) => postgres.database(`db_${(databases += 1)}`, options);
const nameOf = (url: string) => url.slice(url.lastIndexOf('/') + 1);

describeQueueStore(
  'a Postgres store keeps the promises of every store',
  async () => {
    const url = await fresh();
    const store = openStore(url, { lockMs: LOCK_MS });
    return {
      store,
      other: async () => await Promise.resolve(openStore(ready)),
      async work(queue, take) {
        const worker = new Worker<unknown>(
          queue,
          async ({ id = '', name, data }) => take({ id, name, data }),
          {
            connection: url,
          },
        );
        worker.on('error', () => undefined);
        await worker.waitUntilReady();
        return { close: () => worker.close() };
      },
      async pause(name) {
        const queue = new Queue(name, { connection: url, skipMetasUpdate: true });
        await queue.pause();
        await queue.close();
      },
      async steal(name, id) {
        const { rowCount } = await postgres.sql(
          `UPDATE bullmq.job SET lock_token = 'other', locked_until_ms = 0 WHERE queue = '${name}' AND id = '${id}'`,
          nameOf(url),
        );
        expect(rowCount).toBe(1);
      },
      async afterKill(name, job) {
        await killWorkerOf(url, '', name, job);
        return store;
      },
      close: () => store.close(),
    };
  },
  missing,
);

describe('the schema', () => {
  test('is not made by looking: nothing is there then', async () => {
    const url = await fresh();
    const store = open(url);
    const queue = store.queue('lists');
    await store.ping(signal);
    expect(await store.list(signal)).toEqual([]);
    expect(await store.hasMarker('r1', signal)).toBe(false);
    expect(await queue.peek(5, signal)).toEqual([]);
    expect(await queue.status(signal)).toMatchObject({ waiting: 0, workers: 0 });
    expect(await schemas(url)).toEqual([]);
  });

  test('is made with the first job, and that is said once', async () => {
    const url = await fresh();
    const events: EventBody[] = [];
    const store = open(url, events);
    await store.queue('lists').add(jobs(2), signal);
    await store.putMarker('r1', signal);
    expect(events).toEqual([
      {
        type: 'notice',
        level: 'info',
        topic: 'queue',
        message: expect.stringMatching(/^postgres:\/\/127\.0\.0\.1:\d+\/db_\d+: created the schema "bullmq"/),
      },
    ]);
    expect(await schemas(url)).toEqual([{ nspname: 'bullmq' }]);
    const later = open(url, events);
    await later.queue('lists').add(jobs(3), signal);
    expect(events).toHaveLength(1);
    expect(await later.queue('lists').peek(5, signal)).toEqual(jobs(3));
  });

  test('is made once, and said once, by many that start at the same time', async () => {
    const url = await fresh();
    const events: EventBody[] = [];
    const stores = Array.from({ length: 6 }, () => open(url, events));
    await Promise.all(stores.map((store, index) => store.queue('lists').add(jobs(3, `s${index}`), signal)));
    expect(events).toHaveLength(1);
    expect((await stores[0]?.queue('lists').status(signal))?.waiting).toBe(18);
  });

  test('twin: without a lock around it, they collide or each says that it made it', async () => {
    const url = await fresh();
    const clients = await Promise.all(Array.from({ length: 3 }, () => postgres.connect(nameOf(url))));
    const unlocked = clients.map((client: PgQueryable) =>
      prepareSchema({
        query: (text, params) =>
          text.includes('pg_advisory_lock') ? Promise.resolve({ rows: [] }) : client.query(text, params),
      }),
    );
    const said = (await Promise.allSettled(unlocked)).map((done) =>
      done.status === 'fulfilled' ? typeof done.value : done.status,
    );
    expect(said.toSorted()).not.toEqual(['string', 'undefined', 'undefined']);
  });

  test('is brought up to date, and one that a later BullMQ changed is left alone', async () => {
    const url = await fresh();
    await postgres.sql(schemaOfVersion(10), nameOf(url));
    const events: EventBody[] = [];
    await open(url, events).queue('lists').add(jobs(1), signal);
    expect(events).toMatchObject([
      { message: expect.stringMatching(/"bullmq" from version 10 to 11$/), level: 'info' },
    ]);
    await postgres.sql(`INSERT INTO bullmq.migration VALUES (99, 'later', 6)`, nameOf(url));
    await open(url, events).queue('lists').add(jobs(2), signal);
    expect(events).toHaveLength(1);
    await postgres.sql('UPDATE bullmq.migration SET min_client_version = 7', nameOf(url));
    expect(await failure(open(url).queue('lists').add(jobs(1), signal))).toMatchObject({
      code: 'queue.unsuitable',
      recovery: 'stop',
    });
  });

  test('that does not fit is left as it is, and is said to be unsuitable', async () => {
    const url = await fresh();
    await postgres.sql('CREATE SCHEMA bullmq; CREATE TABLE bullmq.job (mine text)', nameOf(url));
    const events: EventBody[] = [];
    const store = open(url, events);
    const work = [store.queue('lists').add(jobs(1), signal), store.putMarker('r1', signal)];
    for (const thrown of await Promise.all(work.map(failure)))
      expect(thrown).toMatchObject({
        code: 'queue.unsuitable',
        recovery: 'stop',
        hint: expect.any(String),
      });
    expect(events).toEqual([]);
    const { rows } = await postgres.sql(
      `SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'bullmq'`,
      nameOf(url),
    );
    expect(rows).toEqual([{ relname: 'job' }]);
  });

  test('that is lost takes the markers along, and is made anew', async () => {
    const url = await fresh();
    const events: EventBody[] = [];
    const store = open(url, events);
    await store.putMarker('r1', signal);
    await store.queue('lists').add(jobs(3), signal);
    await postgres.sql('DROP SCHEMA bullmq CASCADE', nameOf(url));
    expect(await store.hasMarker('r1', signal)).toBe(false);
    expect(await failure(store.queue('lists').add(jobs(2), signal))).toMatchObject({ recovery: 'retry' });
    await store.queue('lists').add(jobs(2), signal);
    expect(await store.queue('lists').peek(9, signal)).toEqual(jobs(2));
    expect(await store.list(signal)).toEqual(['lists']);
    expect(events).toHaveLength(2);
  });
});

describe('a Postgres store', () => {
  test('keeps a marker for 90 days', async () => {
    const store = open(ready);
    for (const [marker, days] of [
      ['r-old', 91],
      ['r-late', 89],
    ] as const) {
      await store.putMarker(marker, signal);
      await postgres.sql(
        `UPDATE bullmq.sluice_run_marker SET put_at = now() - interval '${days} days' WHERE run_id = '${marker}'`,
        nameOf(ready),
      );
    }
    await store.putMarker('r-new', signal);
    expect(await store.hasMarker('r-old', signal)).toBe(false);
    expect(await store.hasMarker('r-late', signal)).toBe(true);
  });

  test('leaves the settings of a queue that is there already alone, and lists the queues of others', async () => {
    const meta = `SELECT field, value FROM bullmq.meta WHERE queue = 'theirs'`;
    await postgres.sql(
      `INSERT INTO bullmq.meta VALUES ('theirs', 'opts.maxLenEvents', '123')`,
      nameOf(ready),
    );
    const store = open(ready);
    await store.queue('theirs').add(jobs(2), signal);
    expect((await postgres.sql(meta, nameOf(ready))).rows).toEqual([
      { field: 'opts.maxLenEvents', value: '123' },
    ]);
    expect(await store.list(signal)).toContain('theirs');
  });

  test('keeps finished jobs for an hour, and at most 200', async () => {
    await open(ready).queue('kept').add(jobs(1), signal);
    const { rows } = await postgres.sql(`SELECT opts FROM bullmq.job WHERE queue = 'kept'`, nameOf(ready));
    expect(rows[0]?.['opts']).toMatchObject({
      removeOnComplete: { age: 3600, count: 200 },
      removeOnFail: { age: 3600, count: 200 },
      attempts: 1,
    });
  });

  test('says what it cannot store, and stores nothing of that bulk', async () => {
    const queue = open(ready).queue('odd');
    await queue.add(jobs(2), signal);
    let deep: unknown = 'x';
    for (let level = 0; level < 20_000; level += 1) deep = [deep];
    for (const [index, value] of ['a\u0000b', 'half \uD83E pair', deep].entries()) {
      const job = { id: `odd-${index}`, name: 'n', data: [{ value }] };
      const refused = { code: 'queue.unstorable', recovery: 'skip' };
      expect(await failure(queue.add([job], signal))).toMatchObject(refused);
      expect(await failure(queue.add([...jobs(2, 'new'), job], signal))).toMatchObject(refused);
    }
    expect(await queue.peek(9, signal)).toEqual(jobs(2));
  });

  test('counts the workers of its queue, and neither itself nor those of others', async () => {
    const named = new URL(ready);
    await postgres.sql(`CREATE ROLE plain LOGIN PASSWORD 'plain'`);
    await postgres.sql(
      'GRANT USAGE ON SCHEMA bullmq TO plain; GRANT SELECT ON ALL TABLES IN SCHEMA bullmq TO plain',
      nameOf(ready),
    );
    named.username = 'plain';
    named.password = 'plain';
    const workers = ['busy', 'busy', 'other'].map(
      (queue, index) =>
        new Worker(queue, undefined, { connection: ready, ...(index === 1 ? { name: 'b' } : {}) }),
    );
    for (const worker of workers) worker.on('error', () => undefined);
    try {
      await Promise.all(workers.map((worker) => worker.waitUntilReady()));
      // Also to a user who may not see what others do.
      for (const store of [open(ready), open(named.href)]) {
        await until(async () => (await store.queue('busy').status(signal)).workers === 2);
        expect((await store.queue('other').status(signal)).workers).toBe(1);
        expect((await store.queue('sluice').status(signal)).workers).toBe(0);
      }
    } finally {
      await Promise.all(workers.map((worker) => worker.close()));
    }
  });

  test('prints nothing', async () => {
    const spies = [
      vi.spyOn(console, 'warn'),
      vi.spyOn(console, 'error'),
      vi.spyOn(console, 'log'),
      vi.spyOn(process.stderr, 'write'),
    ];
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const store = openStore(await fresh());
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => store.queue(`many-${index}`).add(jobs(2), signal)),
    );
    await store.close();
    process.off('warning', note);
    expect(warnings).toEqual([]);
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });
});

/** What BullMQ would have made when it had fewer migrations. */
function schemaOfVersion(version: number): string {
  const { MIGRATIONS } = z
    .object({
      MIGRATIONS: z.array(
        z.object({
          version: z.number(),
          name: z.string(),
          load: z.custom<() => string>((value) => typeof value === 'function'),
        }),
      ),
    })
    .parse(createRequire(import.meta.url)('bullmq/dist/cjs/postgres/migrations/index.js'));
  const older = MIGRATIONS.filter((migration) => migration.version <= version);
  return [
    'CREATE SCHEMA bullmq; SET search_path TO bullmq',
    `CREATE TABLE migration (version integer PRIMARY KEY, name text NOT NULL,
       min_client_version integer NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
    ...older.map(({ load }) => load()),
    ...older.map(({ version: one, name }) => `INSERT INTO migration VALUES (${one}, '${name}', 6)`),
  ].join(';\n');
}

async function schemas(url: string) {
  const { rows } = await postgres.sql(
    `SELECT nspname FROM pg_namespace WHERE nspname IN ('bullmq', 'sluice')`,
    nameOf(url),
  );
  return rows;
}

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});
function open(url: string, events: EventBody[] = []) {
  const store = openStore(url, { emit: (event) => events.push(event) });
  opened.push(() => store.close());
  return store;
}
