import { createRedisBackend, Queue, QueueEvents, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { createBounded } from './bounded.ts';
import { createBullmqQueue } from './bullmq-queue.ts';
import type { QueueStore } from './contract.ts';
import type { Job } from '../model/queues.ts';
import { workerOptions } from './job-worker.ts';
import type { StoreOptions } from './options.ts';
import { createStoreOutage } from './outage.ts';
import { patient } from './patient-backend.ts';
import { createQueueSet, type OpenQueue } from './queue-set.ts';
import { connectRedis, connectWaiting } from './redis-connection.ts';
import { parseRedisInfo } from './redis-info.ts';
import { readOutcomes } from './redis-outcomes.ts';
import { MARKER_DAYS } from './retention.ts';
import type { RedisTarget } from './url.ts';

/**
 * BullMQ on Redis. Opens at once, whether the server is there or not: while it is away every operation rejects with a
 * QueueError (recovery `retry`) within the deadline, and works again as soon as it is back.
 */
export function openRedisStore(
  target: RedisTarget,
  { deadlineMs, clock, emit, lockMs }: StoreOptions,
): QueueStore {
  const warned = new Set<string>();
  const connection = connectRedis(target, deadlineMs, () => {
    warnOnce().catch(() => undefined);
  });
  const { client, trouble } = connection;
  const bounded = createBounded({ store: target.name, deadlineMs, clock, trouble });
  const outage = createStoreOutage(target.name, clock, emit);
  const queues = createQueueSet(openQueue);
  let closing: Promise<void> | undefined;

  return {
    kind: 'redis',
    name: target.name,
    queue: queues.get,
    ping: (signal) => run(signal, async () => void (await client.ping())),
    putMarker: (runId, signal) =>
      run(signal, async () => void (await client.set(markerKey(runId), '1', 'EX', MARKER_DAYS * 86_400))),
    hasMarker: (runId, signal) => run(signal, async () => (await client.exists(markerKey(runId))) === 1),
    dropMarker: (runId, signal) => run(signal, async () => void (await client.unlink(markerKey(runId)))),
    memory: (signal) => run(signal, async () => parseRedisInfo(await client.info('memory')).memory),
    list: (signal) => run(signal, (stop) => scanQueues(client, stop)),
    close: () => (closing ??= close()),
  };

  function run<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return bounded.run(signal, async (stop) => {
      // A server that was never there may be the wrong one: that is told at once. Later on it is only away for a while.
      await connection.readyOrRefused(stop);
      return work(stop);
    });
  }

  function openQueue(name: string): OpenQueue {
    const queue = new Queue<unknown>(name, {
      connection: client,
      // BullMQ must not wait for the server here, print its warnings (they come by `emit` instead), or overwrite the
      // settings of a queue that is not ours alone (`announce` adds what is missing).
      skipWaitingForReady: true,
      skipVersionCheck: true,
      skipMetasUpdate: true,
    });
    queue.on('error', () => undefined);
    return createBullmqQueue({
      queue,
      run,
      // What BullMQ itself writes for a new queue: the length of its event stream.
      announce: () => client.hsetnx(`bull:${name}:meta`, 'opts.maxLenEvents', '10000'),
      countJobs: () =>
        queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed', 'completed'),
      countWorkers: async () => {
        const workers = await queue.getWorkers();
        // The list of clients is the server's; a worker in another database takes none of our jobs.
        return workers.filter(({ db }) => db === undefined || Number(db) === (client.options.db ?? 0)).length;
      },
      peek: (count) => peekJobs(queue, count),
      outcomes: (ids) => readOutcomes(client, name, ids),
      events() {
        const own = connectWaiting(target, deadlineMs);
        const options = { connection: own.client, autorun: false, skipVersionCheck: true };
        return { events: new QueueEvents(name, options), cut: own.cut };
      },
      worker(process, concurrency, patience) {
        const own = connectWaiting(target, deadlineMs);
        const options = { connection: own.client, ...workerOptions(concurrency, lockMs) };
        const worker = new Worker<unknown>(name, process, options, patient(createRedisBackend, patience));
        return { worker, cut: own.cut };
      },
      ready: (signal) => run(signal, () => client.ping()),
      outage,
      clock,
      close: () => queue.close(),
    });
  }

  async function warnOnce(): Promise<void> {
    for (const message of parseRedisInfo(await client.info()).warnings) {
      if (warned.has(message)) continue;
      warned.add(message);
      emit?.({ type: 'notice', level: 'warn', topic: 'queue', message });
    }
  }

  async function close(): Promise<void> {
    bounded.close();
    await queues.close();
    await connection.close();
  }
}

async function peekJobs(queue: Queue<unknown>, count: number): Promise<readonly Job[]> {
  const found: Job[] = [];
  // Jobs without priority are taken before prioritized ones.
  for (const state of ['waiting', 'prioritized'] as const) {
    const left = count - found.length;
    if (left === 0) break;
    // A job may be gone between the listing of ids and the reading of jobs.
    const jobs: readonly (Job | { readonly id?: undefined } | undefined)[] = await queue.getJobs(
      [state],
      0,
      left - 1,
      true,
    );
    for (const job of jobs)
      if (job?.id !== undefined) found.push({ id: job.id, name: job.name, data: job.data });
  }
  return found;
}

// Shaped so that `scanQueues` cannot take it for a queue's key.
const markerKey = (runId: string) => `bull:sluice:run:${runId}`;

async function scanQueues(client: Redis, signal: AbortSignal): Promise<readonly string[]> {
  const names = new Set<string>();
  let cursor = '0';
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', 'bull:*:meta', 'COUNT', 1000);
    for (const key of keys) {
      const name = /^bull:([^:]+):meta$/.exec(key)?.[1];
      if (name !== undefined) names.add(name);
    }
    cursor = next;
  } while (cursor !== '0' && !signal.aborted);
  return [...names].toSorted();
}
