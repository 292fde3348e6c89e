import { createPostgresBackend, withBackend } from 'bullmq';
import { systemClock } from '../../src/model/clock.ts';
import type { Emit } from '../../src/model/events.ts';
import type { QueueStore } from '../../src/queue/contract.ts';
import { openPostgresStore } from '../../src/queue/postgres.ts';
import { parseQueueUrl } from '../../src/queue/url.ts';

export const signal = new AbortController().signal;

/** BullMQ's own classes, as other programs use them. */
export const { Queue, Worker } = withBackend(createPostgresBackend);

export const jobs = (count: number, prefix = 'job') =>
  Array.from({ length: count }, (_, index) => ({ id: `${prefix}-${index}`, name: 'n', data: [{ index }] }));

export function openStore(
  url: string,
  { deadlineMs = 5000, emit, lockMs }: { deadlineMs?: number; emit?: Emit; lockMs?: number } = {},
): QueueStore {
  const target = parseQueueUrl(url);
  if (target.kind !== 'postgres') throw new Error('not a Postgres URL');
  return openPostgresStore(target, { deadlineMs, clock: systemClock, emit, lockMs });
}

/** What some work is rejected with. */
export function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'resolved',
    (thrown: unknown) => thrown,
  );
}
