import type { Clock } from '../model/clock.ts';
import { createCoalesced } from './coalesced.ts';

/** A BullMQ QueueEvents as far as it is needed here, built with `autorun: false`. */
export interface BullmqEvents {
  /** Resolves when it is closed. */
  run(): Promise<unknown>;
  close(): Promise<unknown>;
  on(event: 'completed' | 'failed' | 'error', listener: () => void): unknown;
}

export interface OpenEvents {
  readonly events: BullmqEvents;
  /** Cuts its connections, whatever state they are in; never rejects. */
  readonly cut: () => Promise<void>;
}

export interface FinishedEvents {
  /** @returns the function that stops listening */
  readonly listen: (wake: () => void) => () => void;
  /** Ends all listening; never rejects. */
  readonly close: () => Promise<void>;
}

/**
 * Wakes its listeners when jobs finish, 20 times a second at most. Events are a hint (S13): they are opened with the
 * first listener, opened again whenever they fail, closed with the last listener, and what goes wrong is told nobody.
 */
export function createFinishedEvents(open: () => OpenEvents, clock: Clock): FinishedEvents {
  const wakes = new Set<() => void>();
  let stop = new AbortController();
  let ended: Promise<unknown> = Promise.resolve();
  return {
    listen(wake) {
      const listener = () => wake();
      if (wakes.size === 0) {
        stop = new AbortController();
        ended = Promise.all([ended, listenUntil(stop.signal)]);
      }
      wakes.add(listener);
      return () => {
        if (wakes.delete(listener) && wakes.size === 0) stop.abort();
      };
    },
    async close() {
      wakes.clear();
      stop.abort();
      await ended;
    },
  };

  async function listenUntil(signal: AbortSignal): Promise<void> {
    const ring = createCoalesced(wakeAll, REST_MS, clock, signal);
    while (!signal.aborted) {
      await listenOnce(ring, signal).catch(() => undefined);
      await clock.sleep(REOPEN_MS, signal).catch(() => undefined);
    }
  }

  function wakeAll(): void {
    for (const wake of wakes) wake();
  }

  async function listenOnce(ring: () => void, signal: AbortSignal): Promise<void> {
    const { events, cut } = open();
    events.on('completed', ring);
    events.on('failed', ring);
    const over = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => over.resolve(), { once: true });
    // BullMQ would wait 5 s and read on; new ones are there sooner.
    events.on('error', over.resolve);
    try {
      await Promise.race([events.run(), over.promise]);
    } finally {
      // Not awaited: BullMQ's close waits for a connection that is not there (bullmq 6.7, `RedisConnection#disconnect`).
      events.close().catch(() => undefined);
      await cut();
    }
  }
}

const REST_MS = 50;
const REOPEN_MS = 1000;
