import { z } from 'zod';
import type { Clock } from '../model/clock.ts';
import { ConsumerError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import type { Job } from '../model/queues.ts';
import type { JobQueue, JobWorker } from '../queue/contract.ts';
import { chooseTarget } from './choose-target.ts';
import { type ConsumerTotals, createCounter } from './counter.ts';

export interface ConsumerOptions {
  readonly queue: Pick<JobQueue, 'work'>;
  /** `postgres://...`, `ndjson:FILE` or `module:FILE`. */
  readonly to: string;
  /** How many jobs are worked on at once. */
  readonly concurrency: number;
  /** Hears of outages, and of tables that were made. */
  readonly emit: Emit;
  readonly clock: Clock;
}

export interface Consumer {
  /** What chunks are stored in, without its password. */
  readonly target: string;
  /**
   * Resolves when jobs are being taken: as soon as the target answers, however long that takes. Rejects with a
   * SluiceError (recovery `config`) when a person has to change something first; then only `close` is left to do.
   */
  readonly started: Promise<void>;
  readonly totals: () => ConsumerTotals;
  /**
   * Takes no new job, finishes the ones at work, but waits 10 s for them at most (S19); with `force` not at all. Jobs
   * that were left are not failed: another consumer gets them when their lock has run out. Idempotent, never rejects.
   */
  readonly close: (force?: boolean) => Promise<void>;
}

/**
 * Takes the jobs of a queue and stores each as one chunk. A job fails only for what is in it; what is merely away is
 * waited for. Throws a SettingError when `to` cannot be read.
 */
export function openConsumer({ queue, to, concurrency, emit, clock }: ConsumerOptions): Consumer {
  const target = chooseTarget(to, { concurrency, clock, emit });
  const starting = new AbortController();
  const counter = createCounter();
  let worker: JobWorker | undefined;
  let drained: Promise<void> | undefined;
  const started = start();
  // An owner that only looks at `totals` must not end the process by it.
  started.catch(() => undefined);

  return {
    target: target.name,
    started,
    totals: counter.totals,
    async close(force = false) {
      starting.abort();
      if (force) await worker?.close(true);
      else await (drained ??= drain());
      await target.close();
      await started.catch(() => undefined);
    },
  };

  async function start(): Promise<void> {
    await target.prepare(starting.signal);
    starting.signal.throwIfAborted();
    worker = queue.work(handle, { concurrency });
  }

  async function handle({ id, name, data }: Job, signal: AbortSignal): Promise<void> {
    try {
      const entities = entitiesOf(id, data);
      await target.store({ channel: name, entities }, signal);
      counter.stored(entities.length);
    } catch (error) {
      if (!signal.aborted) counter.failed(error);
      throw error;
    }
  }

  async function drain(): Promise<void> {
    if (!worker) return;
    const stop = new AbortController();
    await Promise.race([worker.close(), giveUp(worker, stop.signal).catch(() => undefined)]);
    stop.abort();
  }

  async function giveUp(late: JobWorker, signal: AbortSignal): Promise<void> {
    await clock.sleep(drainMs, signal);
    const message = `the jobs at work did not finish within ${drainMs / 1000} s; another consumer will take them`;
    emit({ type: 'notice', level: 'warn', topic: 'consumer', message });
    await late.close(true);
  }
}

/** How long a close waits for the jobs at work (S19). */
const drainMs = 10_000;

const entitiesSchema = z.array(z.unknown());

function entitiesOf(id: string, data: unknown): readonly unknown[] {
  const entities = entitiesSchema.safeParse(data).data;
  if (entities) return entities;
  throw new ConsumerError(`the data of job ${id} is no array of entities`, {
    code: 'consumer.bad-job',
    recovery: 'skip',
    hint: 'Look for who else publishes to this queue.',
  });
}
