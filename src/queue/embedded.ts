import type { PGlite } from '@electric-sql/pglite';
import { createPostgresBackend, withBackend } from 'bullmq';
import { QueueError } from '../model/errors.ts';
import { createBounded } from './bounded.ts';
import { createBullmqQueue } from './bullmq-queue.ts';
import type { QueueStore } from './contract.ts';
import { queueFailure } from './failure.ts';
import { createHousekeeping } from './housekeeping.ts';
import { workerOptions } from './job-worker.ts';
import type { StoreOptions } from './options.ts';
import { createStoreOutage } from './outage.ts';
import { patient } from './patient-backend.ts';
import { openDatabase } from './pglite-folder.ts';
import { createPglitePool, type PglitePool } from './pglite-pool.ts';
import { createPostgresTables } from './postgres-tables.ts';
import { createQueueSet, type OpenQueue } from './queue-set.ts';
import type { EmbeddedTarget } from './url.ts';

export interface EmbeddedOptions extends StoreOptions {
  /** Where the data lives; made when it is not there. */
  readonly folder: string;
  /** What an fsync does; for tests. */
  readonly sync?: ((fd: number) => void) | undefined;
}

export interface EmbeddedStore extends QueueStore {
  /** What a BullMQ object in this process takes as its connection, with `createPostgresBackend`. */
  readonly pool: PglitePool;
}

/**
 * BullMQ's Postgres backend on PGlite, inside this process: no server to install. Only one process at a time may open
 * a folder. Rejects with a QueueError when the folder cannot be opened.
 */
export async function openEmbeddedStore(
  target: EmbeddedTarget,
  options: EmbeddedOptions,
): Promise<EmbeddedStore> {
  const { deadlineMs, clock, emit, lockMs } = options;
  const database = await openOrExplain(options);
  const pool = createPglitePool(database, createHousekeeping(database));
  const bounded = createBounded({ store: target.name, deadlineMs, clock });
  const { run } = bounded;
  const tables = createPostgresTables(async (text, params = []) => (await pool.query(text, params)).rows);
  const outage = createStoreOutage(target.name, clock, emit);
  const queues = createQueueSet(openQueue);
  let closing: Promise<void> | undefined;

  return {
    kind: 'embedded',
    name: target.name,
    pool,
    queue: queues.get,
    ping: (signal) => run(signal, async () => void (await pool.query('SELECT 1', []))),
    putMarker: (runId, signal) => run(signal, () => tables.putMarker(runId)),
    hasMarker: (runId, signal) => run(signal, () => tables.hasMarker(runId)),
    dropMarker: (runId, signal) => run(signal, () => tables.dropMarker(runId)),
    // The disk is the only limit.
    memory: (signal) => run(signal, () => Promise.resolve(undefined)),
    list: (signal) => run(signal, () => tables.list()),
    close: () => (closing ??= close()),
  };

  function openQueue(name: string): OpenQueue {
    const queue = new Queue<unknown>(name, { connection: pool, skipMetasUpdate: true });
    queue.on('error', () => undefined);
    return createBullmqQueue({
      queue,
      run,
      announce: () => tables.announce(name),
      countJobs: () => tables.countJobs(name),
      countWorkers: () => Promise.resolve(pool.clientNames().filter(isWorkerOf(name)).length),
      peek: (count) => tables.peek(name, count),
      outcomes: (ids) => tables.outcomes(name, ids),
      events: () => ({
        events: new QueueEvents(name, { connection: pool, autorun: false }),
        cut: nothingToCut,
      }),
      worker(process, concurrency, patience) {
        const { Worker } = withBackend(patient(createPostgresBackend, patience));
        const settings = { connection: pool, ...workerOptions(concurrency, lockMs) };
        return { worker: new Worker<unknown>(name, process, settings), cut: nothingToCut };
      },
      ready: () => Promise.resolve(),
      outage,
      clock,
      close: () => queue.close(),
    });
  }

  async function close(): Promise<void> {
    bounded.close();
    const stop = new AbortController();
    await Promise.race([
      shutDown().catch(() => undefined),
      clock.sleep(5000, stop.signal).catch(() => undefined),
    ]);
    stop.abort();
  }

  async function shutDown(): Promise<void> {
    await queues.close();
    await pool.end();
    // Makes a checkpoint, so that the next start has nothing to recover.
    await database.close();
  }
}

const { Queue, QueueEvents } = withBackend(createPostgresBackend);

async function openOrExplain({ folder, sync }: EmbeddedOptions): Promise<PGlite> {
  try {
    return await openDatabase(folder, sync);
  } catch (thrown) {
    const { cause, message } = queueFailure(thrown, folder);
    throw new QueueError(`The embedded queue cannot be opened: ${message}`, {
      code: 'queue.unopenable',
      recovery: 'stop',
      hint: 'Check the rights and the free space of that folder. If its data is damaged, move the folder away: a new one is made, and unfinished runs publish again.',
      cause,
    });
  }
}

// All share one session, which ends with the store.
const nothingToCut = () => Promise.resolve();

// As BullMQ's Queue#getWorkers tells them: the bare queue name, or `<queue>:w:<worker>`.
function isWorkerOf(queue: string): (name: string) => boolean {
  return (name) => name === queue || name.startsWith(`${queue}:w:`);
}
