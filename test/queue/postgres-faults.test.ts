import { connect, createServer, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { inspect } from 'node:util';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EventBody } from '../../src/model/events.ts';
import { selfSigned } from '../net/self-signed.ts';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { failure, jobs, openStore, Queue, signal } from './postgres-store.ts';

let postgres: TestPostgres;
/** A database in which the schema is there. */
let ready: string;
let databases = 0;
const certificate = selfSigned();

beforeAll(async () => {
  if (!hasPostgres()) return;
  postgres = await startPostgres({
    settings: ['ssl=on'],
    files: { 'server.crt': certificate.cert, 'server.key': certificate.key },
  });
  ready = await fresh();
  const store = openStore(ready);
  await store.putMarker('r0', signal);
  await store.close();
});
afterAll(() => postgres?.stop());

const opened: (() => Promise<void>)[] = [];
beforeEach((context) => {
  if (!hasPostgres()) context.skip(noPostgres);
});
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

describe('a Postgres server', () => {
  test('that is down: operations reject as retry, and work once it is up, the first creation included', async () => {
    const url = await fresh();
    await postgres.kill();
    const events: EventBody[] = [];
    const before = performance.now();
    const store = open(url, 1000, events);
    const queue = store.queue('lists');
    const work = [
      queue.add(jobs(1), signal),
      queue.status(signal),
      queue.peek(1, signal),
      store.ping(signal),
      store.list(signal),
      store.putMarker('r1', signal),
      store.hasMarker('r1', signal),
    ];
    for (const thrown of await Promise.all(work.map(failure)))
      expect(thrown).toMatchObject({
        recovery: 'retry',
        message: expect.stringContaining('ECONNREFUSED'),
      });
    expect(performance.now() - before).toBeLessThan(2000);
    expect(events).toEqual([]);
    await postgres.start();
    await until(() => queue.add(jobs(1), signal).then(() => true));
    expect(await queue.peek(10, signal)).toEqual(jobs(1));
    expect(events).toHaveLength(1);
  });

  test('twin: a BullMQ queue that was opened while it was down never works', async () => {
    await postgres.kill();
    const queue = new Queue('twin', { connection: ready });
    queue.on('error', () => undefined);
    await failure(queue.add('n', []));
    await postgres.start();
    expect(await failure(queue.add('n', []))).toMatchObject({ code: 'ECONNREFUSED' });
    await queue.close();
  });

  test('that is killed and started again keeps what it confirmed; the rest is published again, once', async () => {
    const store = open(ready);
    const queue = store.queue('killed');
    await store.putMarker('r1', signal);
    await queue.add(jobs(10), signal);
    await postgres.kill();
    const meanwhile = failure(queue.add(jobs(20), signal));
    await postgres.start();
    await meanwhile;
    await until(() => queue.add(jobs(20), signal).then(() => true));
    expect(await queue.peek(100, signal)).toEqual(jobs(20));
    expect(await store.hasMarker('r1', signal)).toBe(true);
  });

  test('that stalls: operations reject as retry, and nothing is doubled or lost when it goes on', async () => {
    const store = open(ready, 300);
    const queue = store.queue('stalled');
    await queue.add(jobs(2), signal);
    await postgres.pause();
    const before = performance.now();
    for (let attempt = 0; attempt < 3; attempt += 1)
      expect(await failure(queue.add(jobs(40, 'x'), signal))).toMatchObject({ recovery: 'retry' });
    expect(performance.now() - before).toBeLessThan(2000);
    await postgres.resume();
    await until(() => queue.add(jobs(40, 'x'), signal).then(() => true));
    expect(await queue.peek(100, signal)).toEqual([...jobs(2), ...jobs(40, 'x')]);
  });

  test('that stalls does not hold up closing, nor does one that is down', async () => {
    const stalled = open(ready);
    await stalled.queue('closing').add(jobs(1), signal);
    const unborn = open(await fresh());
    await postgres.pause();
    const work = [stalled, unborn].map((store) => failure(store.queue('closing').add(jobs(3), signal)));
    const before = performance.now();
    await Promise.all([stalled.close(), unborn.close(), unborn.close()]);
    expect(performance.now() - before).toBeLessThan(2500);
    for (const thrown of await Promise.all(work)) expect(thrown).toMatchObject({ code: 'queue.closed' });
    await postgres.resume();
    await postgres.kill();
    const down = open(ready);
    await failure(down.ping(signal));
    await down.close();
    await postgres.start();
  });

  test('that stalls lets go at once of what is cancelled', async () => {
    const store = open(ready);
    await store.ping(signal);
    await postgres.pause();
    const stop = new AbortController();
    const add = failure(store.queue('cancelled').add(jobs(1), stop.signal));
    const before = performance.now();
    stop.abort();
    expect(await add).toMatchObject({ name: 'AbortError' });
    expect(performance.now() - before).toBeLessThan(200);
    await postgres.resume();
  });

  test('ends a statement that takes too long, and does not carry it out behind our back', async () => {
    const store = open(ready, 300);
    const queue = store.queue('locked');
    await queue.status(signal);
    const busy = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'sluice:queue' AND state = 'active'`;
    const holder = await postgres.connect(nameOf(ready));
    await holder.query('BEGIN; LOCK TABLE bullmq.job IN ACCESS EXCLUSIVE MODE');
    expect(await failure(queue.add(jobs(30), signal))).toMatchObject({ recovery: 'retry' });
    await until(async () => (await postgres.sql(busy)).rowCount === 0, { ms: 1000 });
    await holder.end();
    expect(await queue.peek(5, signal)).toEqual([]);
  });
});

describe('connections that are cut', () => {
  /**
   * Adds bulks and cuts the connection of each in the middle of it; what fails is added again.
   * @returns the jobs that are kept, and how many attempts failed
   */
  async function addUnderFire(queueName: string, idsOf: (bulk: number, attempt: number) => string) {
    const queue = open(ready).queue(queueName);
    let failed = 0;
    let bulk = 0;
    for (; bulk < 8 || (failed < 3 && bulk < 50); bulk += 1) {
      const adding = failure(queue.add(jobs(SIZE, idsOf(bulk, 0)), signal));
      const over = new AbortController();
      void adding.then(() => over.abort());
      while (!over.signal.aborted)
        if ((await cut(`AND state = 'active' AND query LIKE '%add_jobs_bulk%'`)).rowCount !== 0) break;
      const thrown = await adding;
      if (thrown === 'resolved') continue;
      expect(thrown).toMatchObject({ recovery: 'retry' });
      failed += 1;
      await until(() => queue.add(jobs(SIZE, idsOf(bulk, 1)), signal).then(() => true));
    }
    expect(failed).toBeGreaterThanOrEqual(3);
    return { kept: await queue.peek(1_000_000, signal), bulks: bulk };
  }
  const SIZE = 1000;

  test('in the middle of bulks: published again under the same ids, nothing is lost or doubled', async () => {
    const { kept, bulks } = await addUnderFire('cut', (bulk) => `b${bulk}`);
    expect(kept).toEqual(Array.from({ length: bulks }, (_, bulk) => jobs(SIZE, `b${bulk}`)).flat());
  });

  test('where the answer was lost on the way: twin: fresh ids at each try double the bulk', async () => {
    for (const [queueName, again, kept] of [
      ['same', 'first', 200],
      ['fresh', 'second', 400],
    ] as const) {
      const proxy = await loseAnswers(postgres.port);
      const url = ready.replace(`:${postgres.port}`, `:${proxy.port}`);
      const queue = open(url, 1000).queue(queueName);
      await queue.add(jobs(1), signal);
      proxy.loseAnswers();
      expect(await failure(queue.add(jobs(200, 'first'), signal))).toMatchObject({ recovery: 'retry' });
      const direct = open(ready).queue(queueName);
      await until(async () => (await direct.status(signal)).waiting === 201);
      await direct.add(jobs(200, again), signal);
      expect((await direct.status(signal)).waiting).toBe(1 + kept);
      await proxy.close();
    }
  });

  test('while nothing is under way: the next operation has a new one', async () => {
    const store = open(ready);
    await store.queue('idle').add(jobs(1), signal);
    await cut();
    await until(() =>
      store
        .queue('idle')
        .add(jobs(3), signal)
        .then(() => true),
    );
    expect(await store.queue('idle').peek(9, signal)).toEqual(jobs(3));
  });

  test('while the schema is made: made at the next try, whole', async () => {
    const url = await fresh();
    const store = open(url);
    for (let shot = 0; shot < 4; shot += 1) {
      const adding = failure(store.queue('lists').add(jobs(2), signal));
      await until(async () => (await cut()).rowCount);
      await adding;
    }
    await until(() =>
      store
        .queue('lists')
        .add(jobs(2), signal)
        .then(() => true),
    );
    expect(await store.queue('lists').peek(9, signal)).toEqual(jobs(2));
  });
});

describe('what a person has to mend is said at once, without the password', () => {
  const cases: readonly [string, () => Promise<string>, { code: string; says: RegExp }][] = [
    [
      'a wrong password',
      async () => await Promise.resolve(altered(ready, { password: 'hunter2' })),
      { code: 'queue.unauthorized', says: /password authentication failed/ },
    ],
    [
      'no password',
      async () => await Promise.resolve(altered(ready, { password: '' })),
      { code: 'queue.unauthorized', says: /password/ },
    ],
    [
      'an unknown user',
      async () => await Promise.resolve(altered(ready, { username: 'nobody', password: 'hunter2' })),
      { code: 'queue.unauthorized', says: /nobody/ },
    ],
    [
      'an unknown database',
      async () => await Promise.resolve(`${ready}_not`),
      { code: 'queue.no-database', says: /no such database/ },
    ],
    [
      'a user who may not create the schema',
      async () => {
        const url = await fresh();
        await postgres.sql(`DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN PASSWORD 'hunter2'`);
        return altered(url, { username: 'plain', password: 'hunter2' });
      },
      { code: 'queue.forbidden', says: /may not|lacks a right/ },
    ],
    [
      'a database that does not hold every character',
      () => fresh(`ENCODING 'LATIN1' TEMPLATE template0`),
      { code: 'queue.unsuitable', says: /LATIN1/ },
    ],
    [
      'a certificate that nobody vouches for',
      async () => await Promise.resolve(`${ready.replace('127.0.0.1', 'localhost')}?sslmode=require`),
      { code: 'queue.tls', says: /self-signed/ },
    ],
  ];

  test.each(cases)('%s', async (_what, urlOf, { code, says }) => {
    // What people put into their environment to get past a proxy.
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    const url = await urlOf();
    try {
      const store = open(url);
      const work = [store.ping(signal), store.queue('lists').add(jobs(1), signal)];
      for (const thrown of await Promise.all(work.map(failure))) {
        expect(thrown).toMatchObject({ code, recovery: 'config', message: expect.stringMatching(says) });
        expect(thrown).toMatchObject({ hint: expect.stringMatching(/\w/) });
        const password = decodeURIComponent(new URL(url).password);
        if (password !== '') expect(inspect(thrown, { depth: 9 })).not.toContain(password);
      }
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });

  test('twin: a client that leaves it to the environment trusts that certificate', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    const client = new Client({ connectionString: ready, ssl: {} });
    await client.connect().finally(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
    await client.end();
  });

  test('a connection that is asked to be encrypted is, and only under the name in the certificate', async () => {
    const authorities = getCACertificates('default');
    setDefaultCACertificates([...authorities, certificate.cert]);
    try {
      const url = `${ready.replace('127.0.0.1', 'localhost')}?sslmode=verify-full`;
      await open(url).queue('encrypted').add(jobs(2), signal);
      const { rows } = await postgres.sql(
        `SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'sluice:queue'`,
      );
      expect(rows).toEqual([{ ssl: true }]);
      expect(await failure(open(`${ready}?sslmode=require`).ping(signal))).toMatchObject({
        code: 'queue.tls',
        recovery: 'config',
      });
    } finally {
      setDefaultCACertificates(authorities);
    }
  });

  test('a server without encryption gets nothing else from one who asked for it', async () => {
    const got: Buffer[] = [];
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('data', (data) => {
        got.push(Buffer.from(data));
        socket.write('N');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const url = `postgres://me:hunter2@127.0.0.1:${address.port}/db?sslmode=require`;
    expect(await failure(open(url).ping(signal))).toMatchObject({ code: 'queue.tls', recovery: 'config' });
    // SSLRequest, and then silence (PostgreSQL, "Message Formats").
    expect(Buffer.concat(got).toString('hex')).toBe('0000000804d2162f');
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});

const fresh = (options?: string) => postgres.database(`db_${(databases += 1)}`, options);
const nameOf = (url: string) => url.slice(url.lastIndexOf('/') + 1);

/** Stands between a store and its server, and can lose what the server answers from then on. */
async function loseAnswers(port: number) {
  const sockets = new Set<Socket>();
  let losing = false;
  const proxy = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => [near, far].forEach((end) => end.destroy()));
    }
    near.on('data', (data) => far.write(data));
    far.on('data', (data) => (losing ? near.destroy() : near.write(data)));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    loseAnswers: () => (losing = true),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

function cut(which = '') {
  return postgres.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sluice:queue' ${which}`,
  );
}

function altered(url: string, parts: { username?: string; password?: string }): string {
  return Object.assign(new URL(url), parts).href;
}

function open(url: string, deadlineMs?: number, events: EventBody[] = []) {
  const store = openStore(url, {
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    emit: (event) => events.push(event),
  });
  opened.push(() => store.close());
  return store;
}
