import type { Clock } from '../model/clock.ts';
import { RunError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import type { Pressure, Sink } from '../sink/contract.ts';
import type { Outage } from './outage.ts';

/** What stops reading (S17). */
export interface GateLimits {
  /** Jobs that may wait in the target queue. */
  readonly waitingJobs: number;
  /** Bytes read and not yet confirmed, over all runs. */
  readonly unconfirmedBytes: number;
}

/** Share of the store's memory above which reading stops, before the store itself refuses (S17). */
export const memoryLimit = 0.8;

/** Bytes that were read and are not confirmed yet; one count for the whole process. */
export interface ByteCount {
  value: number;
}

export interface Gate {
  /** Resolves as soon as reading may go on; rejects when `signal` aborts or, with `giveUpMs`, after that long without room. */
  pass(signal: AbortSignal): Promise<void>;
}

export interface GateParts {
  readonly sink: Sink;
  readonly outage: Outage;
  readonly limits: () => GateLimits;
  readonly unconfirmed: ByteCount;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly giveUpMs?: number | undefined;
}

const lookEveryMs = 1000;

/** Back-pressure: keeps a run from reading what the other side cannot take. Looks at the store at most once a second. */
export function createGate({ sink, outage, limits, unconfirmed, clock, emit, giveUpMs }: GateParts): Gate {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let pressure: Pressure | undefined;
  let looking: Promise<Pressure> | undefined;
  let closedSince: number | undefined;

  const look = async (signal: AbortSignal): Promise<Pressure> => {
    if (pressure && clock.elapsed() - lookedAt < lookEveryMs) return pressure;
    looking ??= outage
      .ride((inner) => sink.pressure(inner), signal)
      .finally(() => {
        looking = undefined;
        lookedAt = clock.elapsed();
      });
    pressure = await looking;
    return pressure;
  };

  return {
    async pass(signal) {
      for (;;) {
        const seen = await look(signal);
        const reason = fullness(seen, limits(), unconfirmed.value);
        if (reason === undefined) {
          if (closedSince !== undefined) emit({ type: 'queue.flowing', queue: sink.name });
          closedSince = undefined;
          return;
        }
        if (closedSince === undefined) {
          closedSince = clock.elapsed();
          emit({ type: 'queue.full', queue: sink.name, reason, workers: seen.workers });
        }
        if (giveUpMs !== undefined && clock.elapsed() - closedSince > giveUpMs)
          throw noRoom(sink, reason, seen);
        await clock.sleep(Math.min(lookEveryMs, 50), signal);
      }
    },
  };
}

/** Why reading must wait, or undefined when it need not. */
export function fullness(
  pressure: Pressure,
  limits: GateLimits,
  unconfirmedBytes: number,
): string | undefined {
  if (pressure.waiting >= limits.waitingJobs)
    return `${pressure.waiting} jobs wait (limit ${limits.waitingJobs})`;
  if (unconfirmedBytes >= limits.unconfirmedBytes) {
    return `${Math.round(unconfirmedBytes / 1_000_000)} MB are not confirmed yet`;
  }
  if (pressure.memory !== undefined && pressure.memory >= memoryLimit) {
    return `its memory is ${Math.round(pressure.memory * 100)} % full (limit ${memoryLimit * 100} %)`;
  }
  return undefined;
}

function noRoom(sink: Sink, reason: string, { workers }: Pressure): RunError {
  return new RunError(`${sink.name} is full: ${reason}, ${workers} workers`, {
    code: 'queue.full',
    recovery: 'retry',
    hint: 'start more consumers; the run goes on where it stopped',
  });
}
