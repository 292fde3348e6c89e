import { maxUnconfirmedChunks } from '../model/record.ts';

const finished = { age: 3600, count: 2 * maxUnconfirmedChunks };

/**
 * The options every job gets. Finished jobs stay an hour and at most twice the unconfirmed chunks (S12): long enough
 * for a run to see that they finished, and for a replayed id to be known. One attempt: the run owns retries (S15).
 * BullMQ counts by queue and by outcome, not by publisher: the last 200 completed and the last 200 failed jobs are kept
 * of all runs that share a queue, and a job of somebody else's that keeps fewer removes ours too. It looks when a job
 * ends. So where many runs share a queue, or nobody looks for an hour, a finished job can be missing (S13).
 */
export const jobOptions = { attempts: 1, removeOnComplete: finished, removeOnFail: finished } as const;

/** How long a run's marker outlives the run (S13). */
export const MARKER_DAYS = 90;
