import type { Clock } from '../model/clock.ts';
import type { Job } from '../model/queues.ts';
import type { Bounded } from './bounded.ts';
import type { JobHandler, JobWorker } from './contract.ts';
import { jobFailure } from './job-failure.ts';
import { RETRY_MS, type StoreOutage } from './outage.ts';
import type { Patience } from './patient-backend.ts';

/** A BullMQ Worker as far as it is needed here, built with `autorun: false`. */
export interface BullmqWorker {
  run(): Promise<unknown>;
  waitUntilReady(): Promise<unknown>;
  close(force?: boolean): Promise<unknown>;
  on(event: 'error', listener: () => void): unknown;
  on(event: 'lockRenewalFailed', listener: (ids: string[]) => void): unknown;
}

export interface OpenWorker {
  readonly worker: BullmqWorker;
  /** Cuts its connections, whatever state they are in; never rejects. */
  readonly cut: () => Promise<void>;
}

/** What BullMQ hands a job to. */
export type Process = (job: {
  readonly id?: string;
  readonly name: string;
  readonly data: unknown;
}) => Promise<void>;

export interface JobWorkerParts {
  /** Resolves when the store can be worked with. */
  readonly ready: (signal: AbortSignal) => Promise<unknown>;
  readonly open: (process: Process, concurrency: number, patience: Patience) => OpenWorker;
  readonly run: Bounded['run'];
  readonly clock: Clock;
  readonly outage: StoreOutage;
}

/**
 * The options of a BullMQ Worker on every store. A job whose worker is gone comes back after a lock and at most two
 * checks, 15 to 25 s by default; BullMQ's own 30 s make it a minute. Its lock is renewed twice as often as it ends.
 */
export function workerOptions(concurrency: number, lockMs = 15_000) {
  return {
    autorun: false,
    concurrency,
    lockDuration: lockMs,
    // A whole number: Redis takes no other for the life of a key, and the check would fail without a word.
    stalledInterval: Math.ceil(lockMs / 3),
    maxStalledCount: MAX_STALLED,
    skipVersionCheck: true,
  };
}

// How often a job may lose its worker before it is taken for the cause and fails.
const MAX_STALLED = 3;

/** A worker that begins when the store is there, and goes on when it was away. */
export function createJobWorker(parts: JobWorkerParts, handle: JobHandler, concurrency: number): JobWorker {
  const { ready, open, run, clock, outage } = parts;
  const drain = new AbortController();
  const force = new AbortController();
  /** By the ids of the jobs that are being done. */
  const stops = new Map<string, AbortController>();
  const storing = new Set<unknown>();
  const signals = { draining: drain.signal, forced: force.signal };
  const ended = live();
  return {
    close(forced = false) {
      drain.abort();
      if (forced) {
        force.abort();
        for (const stop of stops.values()) stop.abort(new DOMException('the worker is closed', 'AbortError'));
      }
      return ended;
    },
  };

  async function live(): Promise<void> {
    const opened = await openPatiently();
    if (opened === undefined) return;
    const { worker, cut } = opened;
    void keepRunning(worker);
    await aborted(drain.signal);
    const closed = worker.close(force.signal.aborted).catch(() => undefined);
    const settled = new AbortController();
    await Promise.race([closed, idle(AbortSignal.any([settled.signal, force.signal]))]);
    settled.abort();
    await cut();
  }

  async function openPatiently(): Promise<OpenWorker | undefined> {
    while (!drain.signal.aborted) {
      let opened: OpenWorker | undefined;
      try {
        await ready(drain.signal);
        opened = open(process, concurrency, { clock, outage, storing, ...signals });
        const { worker } = opened;
        worker.on('error', () => undefined);
        worker.on('lockRenewalFailed', lose);
        await run(drain.signal, () => worker.waitUntilReady());
        outage.over();
        return opened;
      } catch (thrown) {
        // A BullMQ object that could not connect at first may never do (bullmq 6.7, `PostgresConnection#waitUntilReady`).
        opened?.worker.close(true).catch(() => undefined);
        await opened?.cut();
        if (drain.signal.aborted) return undefined;
        outage.began(thrown);
        await clock.sleep(RETRY_MS, drain.signal).catch(() => undefined);
      }
    }
    return undefined;
  }

  async function keepRunning(worker: BullmqWorker): Promise<void> {
    while (!drain.signal.aborted) {
      await worker.run().catch(() => undefined);
      await clock.sleep(RETRY_MS, drain.signal).catch(() => undefined);
    }
  }

  async function process({ id = '', name, data }: Parameters<Process>[0]): Promise<void> {
    const stop = new AbortController();
    lose([id]);
    stops.set(id, stop);
    try {
      const job: Job = { id, name, data };
      await handle(job, stop.signal);
    } catch (thrown) {
      throw jobFailure(thrown);
    } finally {
      if (stops.get(id) === stop) stops.delete(id);
    }
  }

  function lose(ids: readonly string[]): void {
    for (const id of ids)
      stops.get(id)?.abort(new DOMException('the worker lost this job to another', 'AbortError'));
  }

  // BullMQ's close never ends when it begins while ioredis reconnects (bullmq 6.7, `RedisConnection#disconnect`).
  async function idle(signal: AbortSignal): Promise<void> {
    do await clock.sleep(IDLE_MS, signal).catch(() => undefined);
    while (stops.size + storing.size > 0 && !signal.aborted);
  }
}

// Between a job's end and the storing of its outcome nothing is counted, for some microtasks.
const IDLE_MS = 2000;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
