import { maxUnconfirmedChunks } from '../model/record.ts';

const finished = { age: 3600, count: 2 * maxUnconfirmedChunks };

/**
 * The options every job gets. Finished jobs stay an hour and at most twice the unconfirmed chunks (S12): long enough
 * to see that they finished, and for a replayed id to be known. One attempt: the run owns retries (S15).
 */
export const jobOptions = { attempts: 1, removeOnComplete: finished, removeOnFail: finished } as const;

/** How long a run's marker outlives the run (S13). */
export const MARKER_DAYS = 90;
