import { type Clock, systemClock } from '../model/clock.ts';
import type { Emit } from '../model/events.ts';
import type { QueueStore } from './contract.ts';
import { openEmbeddedStore } from './embedded.ts';
import { openPostgresStore } from './postgres.ts';
import { openRedisStore } from './redis.ts';
import type { QueueTarget } from './url.ts';

export interface OpenQueueOptions {
  /** Where the embedded store keeps its data: `queue/` in the state folder. */
  readonly folder: string;
  /** How long one operation may take, 5000 by default. */
  readonly deadlineMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Hears warnings about the store, each once, and what was made in it. */
  readonly emit?: Emit | undefined;
}

/**
 * Opens the store a queue URL names. A server that is down is no error here: its operations reject until it is back.
 * Rejects with a QueueError when the embedded store cannot be opened.
 */
export async function openQueueStore(
  target: QueueTarget,
  { folder, deadlineMs = 5000, clock = systemClock, emit }: OpenQueueOptions,
): Promise<QueueStore> {
  switch (target.kind) {
    case 'redis':
      return openRedisStore(target, { deadlineMs, clock, emit });
    case 'postgres':
      return openPostgresStore(target, { deadlineMs, clock, emit });
    case 'embedded':
      return openEmbeddedStore(target, { folder, deadlineMs, clock, emit });
    default:
      return target satisfies never;
  }
}
