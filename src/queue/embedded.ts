import type { PGlite } from '@electric-sql/pglite';
import { createPostgresBackend, withBackend } from 'bullmq';
import { QueueError } from '../model/errors.ts';
import { type Bounded, createBounded } from './bounded.ts';
import { createBullmqQueue } from './bullmq-queue.ts';
import type { QueueStore } from './contract.ts';
import { queueFailure } from './failure.ts';
import { createHousekeeping } from './housekeeping.ts';
import type { StoreOptions } from './options.ts';
import { openDatabase } from './pglite-folder.ts';
import { createPglitePool, type PglitePool } from './pglite-pool.ts';
import { createPostgresTables, type PostgresTables } from './postgres-tables.ts';
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
  const { deadlineMs, clock } = options;
  const database = await openOrExplain(options);
  const pool = createPglitePool(database, createHousekeeping(database));
  const bounded = createBounded({ store: target.name, deadlineMs, clock });
  const { run } = bounded;
  const tables = createPostgresTables(async (text, params = []) => (await pool.query(text, params)).rows);
  const queues = createQueueSet((name) => openQueue(pool, tables, run, name));
  let closing: Promise<void> | undefined;

  return {
    kind: 'embedded',
    name: target.name,
    pool,
    queue: queues.get,
    ping: (signal) => run(signal, async () => void (await pool.query('SELECT 1', []))),
    putMarker: (runId, signal) => run(signal, () => tables.putMarker(runId)),
    hasMarker: (runId, signal) => run(signal, () => tables.hasMarker(runId)),
    // The disk is the only limit.
    memory: (signal) => run(signal, () => Promise.resolve(undefined)),
    list: (signal) => run(signal, () => tables.list()),
    close: () => (closing ??= close()),
  };

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

const { Queue } = withBackend(createPostgresBackend);

function openQueue(pool: PglitePool, tables: PostgresTables, run: Bounded['run'], name: string): OpenQueue {
  const queue = new Queue<unknown>(name, { connection: pool, skipMetasUpdate: true });
  queue.on('error', () => undefined);
  const jobs = createBullmqQueue({
    queue,
    run,
    announce: () => tables.announce(name),
    countJobs: () => tables.countJobs(name),
    countWorkers: () => Promise.resolve(pool.clientNames().filter(isWorkerOf(name)).length),
    peek: (count) => tables.peek(name, count),
  });
  return { jobs, close: () => queue.close() };
}

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

// As BullMQ's Queue#getWorkers tells them: the bare queue name, or `<queue>:w:<worker>`.
function isWorkerOf(queue: string): (name: string) => boolean {
  return (name) => name === queue || name.startsWith(`${queue}:w:`);
}
