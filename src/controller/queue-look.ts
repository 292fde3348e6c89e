import type { Clock } from '../model/clock.ts';
import { asSluiceError, isAbort } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import type { ServiceContext } from '../services/contract.ts';
import type { Outage } from '../sync/outage.ts';

/** Looks whether the queue is there while nothing needs it: a person should hear of it before the next run does. */
export interface QueueLook {
  /** Begins a look behind the caller's back, unless one is on; one that finds no queue goes on until it is there. */
  look(): void;
  /** Resolves when no look is on any more. Never rejects. */
  settled(): Promise<void>;
}

export interface QueueLookParts {
  readonly queue: Pick<ServiceContext['queue'], 'name' | 'ping'>;
  /** That of the runs: an outage is told once, whoever notices. */
  readonly outage: Outage;
  /** Until the next look, in milliseconds. */
  readonly everyMs: number;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Ends a look. */
  readonly signal: AbortSignal;
}

export function createQueueLook({ queue, outage, everyMs, clock, emit, signal }: QueueLookParts): QueueLook {
  let looking: Promise<void> | undefined;
  /** Since when it does not let us in, which no waiting mends: a wrong password. */
  let refusedAt: number | undefined;

  const lookOnce = async (): Promise<void> => {
    try {
      await outage.ride((inner) => queue.ping(inner), signal);
      if (refusedAt === undefined) return;
      emit({ type: 'queue.up', queue: queue.name, downMs: clock.elapsed() - refusedAt });
      refusedAt = undefined;
    } catch (error) {
      if (isAbort(error) || refusedAt !== undefined) return;
      refusedAt = clock.elapsed();
      const { message } = asSluiceError(error);
      emit({ type: 'queue.down', queue: queue.name, reason: message, waitMs: everyMs });
    }
  };

  return {
    look() {
      if (signal.aborted) return;
      looking ??= lookOnce().finally(() => (looking = undefined));
    },
    async settled() {
      await looking;
    },
  };
}
