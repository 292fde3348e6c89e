/** What `sluice queues` prints for one queue (S22). */
export interface QueueStatus {
  readonly name: string;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  readonly completed: number;
  readonly workers: number;
}

/** A message in a queue. */
export interface Job {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
  /** How often a consumer may try it before it has failed; once by default. */
  readonly attempts?: number | undefined;
}

/** Where a job stands, decided by the store's states and never by its events (S13). */
export type JobOutcome =
  | { readonly state: 'completed' }
  /** `attempts`: how often it was tried. */
  | {
      readonly state: 'failed';
      readonly reason: string;
      readonly stack: string | undefined;
      readonly attempts: number;
    }
  /** Waiting, active, delayed ...: not finished. */
  | { readonly state: 'pending' }
  /** In no state at all. */
  | { readonly state: 'missing' };

/** Where a job goes when all services of a group are through (S16). */
export const passQueue = 'post-update';

/** Where the made-up list of the demo goes. */
export const demoQueue = 'demo';

/** Queues that need nobody: not everybody listens for the end of a pass, and the demo's list is made up. */
export const unattendedQueues: ReadonlySet<string> = new Set([passQueue, demoQueue]);
