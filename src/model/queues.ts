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
}
