import type { BackendFactory, IQueueBackend } from 'bullmq';
import type { Clock } from '../model/clock.ts';
import { RETRY_MS, type StoreOutage } from './outage.ts';

export interface Patience {
  readonly clock: Clock;
  readonly outage: StoreOutage;
  /** Aborts when no further job is wanted. */
  readonly draining: AbortSignal;
  /** Aborts when nothing is waited for any more. */
  readonly forced: AbortSignal;
  /** The outcomes of jobs that are being stored. */
  readonly storing: Set<unknown>;
}

/**
 * A backend for a worker that rides out a store that is away. BullMQ's own worker knows an outage only by ECONNREFUSED:
 * after any other error it asks for the next job again at once, without end, and it *fails* a job whose completion could
 * not be stored (bullmq 6.7, `Worker#retryIfFailed`). Here whatever is not the store's word about the job itself is
 * tried again until it works, or until nobody waits for it.
 */
export function patient<B extends IQueueBackend, C>(
  factory: BackendFactory<B, C>,
  patience: Patience,
): BackendFactory<B, C> {
  return (...given) => {
    const backend = factory(...given);
    teach(backend, patience);
    return backend;
  };
}

function teach(backend: IQueueBackend, { clock, outage, draining, forced, storing }: Patience): void {
  const take = backend.moveToActive.bind(backend);
  const complete = backend.moveToCompleted.bind(backend);
  const fail = backend.moveToFailed.bind(backend);
  const wait = backend.waitForJob.bind(backend);
  backend.moveToActive = (...given) => ride(() => take(...given), draining);
  backend.moveToCompleted = (...given) => store(ride(() => complete(...given), forced));
  backend.moveToFailed = (...given) => store(ride(() => fail(...given), forced));
  // After an error BullMQ waits as long as the backend lets it, an hour on Postgres, and may have missed the last notice.
  backend.waitForJob = (seconds) => wait(Math.min(seconds, LONGEST_WAIT_SECONDS));
  // ioredis keeps commands while there is no connection: nothing is rejected then, and only these tell.
  backend.on('error', outage.began);
  backend.on('ready', outage.over);
  // Ends the waiting, and with it the timer that would hold the process.
  forced.addEventListener('abort', () => void backend.disconnectBlocking(false).catch(() => undefined));

  async function store<T>(outcome: Promise<T>): Promise<T> {
    storing.add(outcome);
    try {
      return await outcome;
    } finally {
      storing.delete(outcome);
    }
  }

  async function ride<T>(work: () => Promise<T>, until: AbortSignal): Promise<T> {
    while (!until.aborted) {
      try {
        const result = await work();
        outage.over();
        return result;
      } catch (thrown) {
        if (isAboutTheJob(thrown)) throw thrown;
        if (!until.aborted) outage.began(thrown);
      }
      await clock.sleep(RETRY_MS, until).catch(() => undefined);
    }
    // The words by which BullMQ knows that there is nothing to report.
    throw new Error('Connection is closed.');
  }
}

const LONGEST_WAIT_SECONDS = 5;

// BullMQ's `finishedErrors`: the lock is lost, the job is gone or is not active.
function isAboutTheJob(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'number' && thrown.code < 0;
}
