import { createPostgresBackend, type PgPool, SchemaMigrationRequiredError, withBackend } from 'bullmq';
import type { Client } from 'pg';
import { createBounded } from './bounded.ts';
import { createBullmqQueue } from './bullmq-queue.ts';
import type { QueueStore } from './contract.ts';
import { workerOptions } from './job-worker.ts';
import { createOnce } from './once.ts';
import type { StoreOptions } from './options.ts';
import { createStoreOutage } from './outage.ts';
import { patient } from './patient-backend.ts';
import { createPostgresConnections } from './postgres-connections.ts';
import { missing } from './postgres-failures.ts';
import { checkDatabase, prepareSchema } from './postgres-schema.ts';
import { createPostgresTables } from './postgres-tables.ts';
import type { PostgresTarget } from './postgres-url.ts';
import { createQueueSet, type OpenQueue } from './queue-set.ts';
import { errorCode, type Sql } from './sql.ts';

/**
 * BullMQ's Postgres backend on a Postgres server. Opens at once, whether the server is there or not: while it is away
 * every operation rejects with a QueueError (recovery `retry`) within the deadline, and works again when it is back.
 * The schema is made with the first job or marker, and `emit` told; looking makes nothing, and finds nothing till then.
 */
export function openPostgresStore(
  target: PostgresTarget,
  { deadlineMs, clock, emit, lockMs }: StoreOptions,
): QueueStore {
  const connections = createPostgresConnections(target, deadlineMs, clock);
  const { pool } = connections;
  const bounded = createBounded({ store: target.name, deadlineMs, clock });
  const sql: Sql = async (text, params = []) => (await pool.query<unknown>(text, params)).rows;
  const tables = createPostgresTables(sql);
  // Goes on when the operation that began it is out of time; later ones find it done.
  const schema = createOnce(() => connections.alone(prepare));
  const outage = createStoreOutage(target.name, clock, emit);
  const queues = createQueueSet(openQueue);
  let closing: Promise<void> | undefined;

  return {
    kind: 'postgres',
    name: target.name,
    queue: queues.get,
    ping: (signal) => run(signal, () => checkDatabase(sql)),
    putMarker: (runId, signal) =>
      run(signal, async () => {
        await schema.get();
        await tables.putMarker(runId);
      }),
    hasMarker: (runId, signal) => run(signal, () => orNothing(tables.hasMarker(runId), false)),
    dropMarker: (runId, signal) => run(signal, () => orNothing(tables.dropMarker(runId), undefined)),
    // The disk is the only limit.
    memory: (signal) => run(signal, () => Promise.resolve(undefined)),
    list: (signal) => run(signal, () => orNothing(tables.list(), [])),
    close: () => (closing ??= close()),
  };

  async function prepare(client: Client): Promise<void> {
    const done = await prepareSchema(client);
    if (done === undefined) return;
    emit?.({ type: 'notice', level: 'info', topic: 'queue', message: `${target.name}: ${done}` });
  }

  function run<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return bounded.run(signal, async (stop) => {
      try {
        return await work(stop);
      } catch (thrown) {
        // The database was replaced or emptied under us: the caller tries again, and then the schema is made anew.
        if (isMissing(thrown)) schema.forget();
        throw thrown;
      }
    });
  }

  function openQueue(name: string): OpenQueue {
    const opened = createOnce(() => openBullmq(name, pool));
    const ready = async () => {
      await schema.get();
      return await opened.get();
    };
    return createBullmqQueue({
      queue: {
        name,
        add: async (...job) => (await ready()).add(...job),
        addBulk: async (bulk) => (await ready()).addBulk(bulk),
        obliterate: async (options) => (await ready()).obliterate(options),
      },
      run,
      async announce() {
        await schema.get();
        await tables.announce(name);
      },
      countJobs: () => orNothing(tables.countJobs(name), {}),
      countWorkers: () => tables.countSessions(name),
      peek: (count) => orNothing(tables.peek(name, count), []),
      outcomes: (ids) =>
        orNothing(
          tables.outcomes(name, ids),
          ids.map(() => ({ state: 'missing' })),
        ),
      // Each has connections of its own: one of them only listens, for as long as it is open.
      events() {
        const own = createPostgresConnections(target, deadlineMs, clock);
        return { events: new QueueEvents(name, { connection: own.pool, autorun: false }), cut: own.close };
      },
      worker(process, concurrency, patience) {
        const own = createPostgresConnections(target, deadlineMs, clock);
        const options = { connection: own.pool, ...workerOptions(concurrency, lockMs) };
        const patiently = withBackend(patient(createPostgresBackend, patience));
        return { worker: new patiently.Worker<unknown>(name, process, options), cut: own.close };
      },
      ready: (signal) => run(signal, schema.get),
      outage,
      clock,
      close: async () => (await opened.begun())?.close(),
    });
  }

  async function close(): Promise<void> {
    bounded.close();
    // BullMQ closes when it is done waiting for a server; the pool does so within a second.
    const closed = queues.close();
    await connections.close();
    await closed;
  }
}

const { Queue, QueueEvents } = withBackend(createPostgresBackend);

// A BullMQ queue that could not connect at first never does: it keeps the rejection (bullmq 6.7, `waitUntilReady`).
async function openBullmq(name: string, pool: PgPool) {
  const queue = new Queue<unknown>(name, { connection: pool, skipMetasUpdate: true });
  queue.on('error', () => undefined);
  await queue.waitUntilReady();
  return queue;
}

/** What is read, or `nothing` where the schema was never made. */
async function orNothing<T>(reading: Promise<T>, nothing: T): Promise<T> {
  try {
    return await reading;
  } catch (thrown) {
    if (isMissing(thrown)) return nothing;
    throw thrown;
  }
}

// BullMQ's own word for it comes without a code.
function isMissing(thrown: unknown): boolean {
  return thrown instanceof SchemaMigrationRequiredError || missing.has(errorCode(thrown) ?? '');
}
