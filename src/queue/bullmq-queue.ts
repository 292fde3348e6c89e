import type { Clock } from '../model/clock.ts';
import { QueueError } from '../model/errors.ts';
import type { Bounded } from './bounded.ts';
import type { JobWorker } from './contract.ts';
import type { Job, JobOutcome, QueueStatus } from '../model/queues.ts';
import { createFinishedEvents, type OpenEvents } from './finished-events.ts';
import { createJobWorker, type JobWorkerParts } from './job-worker.ts';
import type { StoreOutage } from './outage.ts';
import type { OpenQueue } from './queue-set.ts';
import { jobOptions } from './retention.ts';

/** A BullMQ Queue as far as it is needed here. */
export interface BullmqQueue {
  readonly name: string;
  add(name: string, data: unknown, options: Options): Promise<Added>;
  addBulk(jobs: { name: string; data: unknown; opts: Options }[]): Promise<readonly Added[]>;
  obliterate(options: { readonly force: boolean }): Promise<void>;
}

/** What differs between the stores. */
export interface BullmqQueueParts {
  readonly queue: BullmqQueue;
  readonly run: Bounded['run'];
  /** Makes the queue known in the store to `list` and to other tools, changing nothing that is there. */
  readonly announce: () => Promise<unknown>;
  /** The jobs by state, those of a paused queue too; a state without jobs may be left out. */
  readonly countJobs: () => Promise<Readonly<Record<string, number>>>;
  readonly countWorkers: () => Promise<number>;
  /** The first waiting jobs in the order in which they will be taken. */
  readonly peek: (count: number) => Promise<readonly Job[]>;
  /** Where the jobs stand, in the order of the ids. */
  readonly outcomes: (ids: readonly string[]) => Promise<readonly JobOutcome[]>;
  readonly events: () => OpenEvents;
  readonly worker: JobWorkerParts['open'];
  /** Resolves when a worker can be opened. */
  readonly ready: JobWorkerParts['ready'];
  readonly outage: StoreOutage;
  readonly clock: Clock;
  readonly close: () => Promise<unknown>;
}

/** A JobQueue on BullMQ, whatever store it uses. */
export function createBullmqQueue(parts: BullmqQueueParts): OpenQueue {
  const { queue, run, announce, countJobs, countWorkers, peek, outcomes, ready, outage, clock } = parts;
  const finished = createFinishedEvents(parts.events, clock);
  const workers = new Set<JobWorker>();
  return {
    jobs: {
      add,
      status,
      peek: (count, signal) => run(signal, async () => (count < 1 ? [] : peek(count))),
      outcomes: (ids, signal) => run(signal, async () => (ids.length === 0 ? [] : outcomes(ids))),
      onFinished: finished.listen,
      obliterate: (signal) => run(signal, () => queue.obliterate({ force: true })),
      work(handle, { concurrency }) {
        const worker = createJobWorker(
          { ready, open: parts.worker, run, clock, outage },
          handle,
          concurrency,
        );
        workers.add(worker);
        return worker;
      },
    },
    close,
  };

  async function close(): Promise<void> {
    await Promise.all([finished.close(), ...[...workers].map((worker) => worker.close(true))]);
    await parts.close();
  }

  async function add(jobs: readonly Job[], signal: AbortSignal): Promise<void> {
    if (jobs.length === 0) return;
    for (const { id } of jobs) checkId(id);
    await run(signal, async () => {
      const [added] = await Promise.all([addAll(queue, jobs), announce()]);
      checkAdded(queue.name, jobs, added);
    });
  }

  function status(signal: AbortSignal): Promise<QueueStatus> {
    return run(signal, async () => {
      const [counts, atWork] = await Promise.all([countJobs(), countWorkers()]);
      const count = (state: string) => counts[state] ?? 0;
      return {
        name: queue.name,
        waiting: count('waiting') + count('prioritized'),
        active: count('active'),
        delayed: count('delayed'),
        failed: count('failed'),
        completed: count('completed'),
        workers: atWork,
      };
    });
  }
}

type Options = Omit<typeof jobOptions, 'attempts'> & {
  readonly jobId: string;
  readonly attempts: number;
  readonly backoff?: { readonly type: 'fixed'; readonly delay: number };
};

/** Between two attempts at one record: what was in its way for a moment may be gone then. */
const attemptPauseMs = 1000;

interface Added {
  readonly id?: string | undefined;
}

async function addAll(queue: BullmqQueue, jobs: readonly Job[]): Promise<readonly Added[]> {
  const [first] = jobs;
  // A page is usually one job. On Postgres a bulk makes two temporary tables, which takes four times as long (measured).
  if (jobs.length === 1 && first) return [await queue.add(first.name, first.data, options(first))];
  return queue.addBulk(jobs.map((job) => ({ name: job.name, data: job.data, opts: options(job) })));
}

function options({ id, attempts }: Job): Options {
  if (attempts === undefined) return { ...jobOptions, jobId: id };
  return { ...jobOptions, jobId: id, attempts, backoff: { type: 'fixed', delay: attemptPauseMs } };
}

// BullMQ refuses these in the middle of a bulk; an empty id would be replaced by one of its own.
function checkId(id: string): void {
  if (id !== '' && !id.includes(':') && !/^-?\d+$/.test(id)) return;
  throw new QueueError(`"${id}" cannot be the id of a job`, { code: 'queue.bad-id', recovery: 'stop' });
}

// `addBulk` reports a job it could not store by a negative code in place of the id (bullmq 6.7, RedisQueueBackend#addJobs).
function checkAdded(queue: string, jobs: readonly Job[], added: readonly Added[]): void {
  for (const [index, job] of jobs.entries()) {
    const got: unknown = added[index]?.id;
    if (got === job.id) continue;
    throw new QueueError(
      `queue "${queue}" answered ${JSON.stringify(got)} for job "${job.id}" instead of its id`,
      {
        code: 'queue.not-stored',
        recovery: 'stop',
        hint: 'Something else than BullMQ may have written to the keys of this queue; look at it before you go on.',
      },
    );
  }
}
