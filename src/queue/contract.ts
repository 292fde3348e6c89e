import type { Job, JobOutcome, QueueStatus } from '../model/queues.ts';

/**
 * What a queue URL opens. Every method takes a signal and has a deadline of its own; it rejects with a QueueError
 * (recovery `retry` when the outcome is unknown or the store is down) or an AbortError.
 */
export interface QueueStore {
  readonly kind: 'redis' | 'postgres' | 'embedded';
  /** The URL without its credentials, for screens and logs. */
  readonly name: string;
  /** A queue by name, opened on first use and closed with the store. */
  queue(name: string): JobQueue;
  /** Rejects when the store cannot be reached. */
  ping(signal: AbortSignal): Promise<void>;
  /** Leaves and finds a run's marker, which is gone when the store lost its data (S13). */
  putMarker(runId: string, signal: AbortSignal): Promise<void>;
  hasMarker(runId: string, signal: AbortSignal): Promise<boolean>;
  dropMarker(runId: string, signal: AbortSignal): Promise<void>;
  /** Share of the store's memory limit in use, 0..1; undefined where there is none. */
  memory(signal: AbortSignal): Promise<number | undefined>;
  /** The names of all queues in the store, ours and others'. */
  list(signal: AbortSignal): Promise<readonly string[]>;
  /** Idempotent; never rejects; done within a few seconds even when the store is down. */
  close(): Promise<void>;
}

export interface JobQueue {
  /** Adds all jobs; resolves when the store holds every one. A job whose id is already there is left as it is. */
  add(jobs: readonly Job[], signal: AbortSignal): Promise<void>;
  status(signal: AbortSignal): Promise<QueueStatus>;
  /** The first `count` waiting jobs, oldest first, without taking them. */
  peek(count: number, signal: AbortSignal): Promise<readonly Job[]>;
  /** Where each of the jobs stands, in the order of the ids. */
  outcomes(ids: readonly string[], signal: AbortSignal): Promise<readonly JobOutcome[]>;
  /**
   * Calls back soon after some job finished, as far as the store's events tell; they may be late or missing, so
   * `outcomes` is asked now and then all the same (S13). @returns the function that stops listening
   */
  onFinished(wake: () => void): () => void;
  /** Removes the queue and everything in it, so that nothing in the store tells of it any more. */
  obliterate(signal: AbortSignal): Promise<void>;
  /** Takes jobs and hands them to `handle`, `concurrency` at a time, until it is closed. */
  work(handle: JobHandler, options: { readonly concurrency: number }): JobWorker;
}

/**
 * Does one job. A rejection fails it, with the error's message as the reason.
 * @param signal aborts when the worker lost the job (another one has it now), or is closed by force
 */
export type JobHandler = (job: Job, signal: AbortSignal) => Promise<void>;

export interface JobWorker {
  /** Takes no new job and resolves when the ones at work are finished. With `force` it does not wait for them. Idempotent. */
  close(force?: boolean): Promise<void>;
}
