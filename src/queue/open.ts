import { type Clock, systemClock } from '../model/clock.ts';
import type { Emit } from '../model/events.ts';
import type { QueueStore } from './contract.ts';
import type { QueueTarget } from './url.ts';

export interface OpenQueueOptions {
  /** Where the embedded store keeps its data: `queue/` in the state folder. */
  readonly folder: string;
  /** How long one operation may take, 5000 by default. */
  readonly deadlineMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Hears warnings about the store, each once, and what was made in it. */
  readonly emit?: Emit | undefined;
  /** How long a worker keeps a job without a word, 15,000 by default; for tests. */
  readonly lockMs?: number | undefined;
}

/**
 * Opens the store a queue URL names. A server that is down is no error here: its operations reject until it is back.
 * Rejects with a QueueError when the embedded store cannot be opened.
 */
export async function openQueueStore(
  target: QueueTarget,
  { folder, deadlineMs = 5000, clock = systemClock, emit, lockMs }: OpenQueueOptions,
): Promise<QueueStore> {
  const options = { deadlineMs, clock, emit, lockMs };
  switch (target.kind) {
    // Each loaded only where it is used: PGlite alone takes a quarter of a second.
    case 'redis':
      return (await import('./redis.ts')).openRedisStore(target, options);
    case 'postgres':
      return (await import('./postgres.ts')).openPostgresStore(target, options);
    case 'embedded':
      return await (await import('./embedded.ts')).openEmbeddedStore(target, { folder, ...options });
    default:
      return target satisfies never;
  }
}
