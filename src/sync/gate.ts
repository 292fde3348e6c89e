import type { Clock } from '../model/clock.ts';
import { RunError } from '../model/errors.ts';
import type { Pressure, Sink } from '../sink/contract.ts';
import type { FullQueues } from './full-queues.ts';
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
  /**
   * Resolves as soon as reading may go on; rejects when `signal` aborts or, with `giveUpMs`, after that long without
   * room and without any sign that some is being made.
   */
  pass(signal: AbortSignal): Promise<void>;
}

export interface GateParts {
  readonly sink: Sink;
  readonly outage: Outage;
  readonly limits: () => GateLimits;
  readonly unconfirmed: ByteCount;
  readonly full: FullQueues;
  readonly clock: Clock;
  readonly giveUpMs?: number | undefined;
}

const lookEveryMs = 1000;

/** Back-pressure: keeps a run from reading what the other side cannot take. Looks at the store at most once a second. */
export function createGate({ sink, outage, limits, unconfirmed, full, clock, giveUpMs }: GateParts): Gate {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let pressure: Pressure | undefined;
  let looking: Promise<Pressure> | undefined;

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

  /** @returns undefined when it is open */
  const closure = async (signal: AbortSignal): Promise<Closure | undefined> => {
    const seen = await look(signal);
    const reason = fullness(seen, limits(), unconfirmed.value);
    return reason === undefined ? undefined : { ...seen, reason, bytes: unconfirmed.value };
  };

  return {
    async pass(signal) {
      let closed = await closure(signal);
      if (!closed) return;
      const goOn = full.wait(sink.name, closed.reason, closed.workers);
      let least = closed;
      let movedAt = clock.elapsed();
      try {
        while (closed) {
          if (isLess(closed, least)) {
            least = closed;
            movedAt = clock.elapsed();
          }
          if (giveUpMs !== undefined && clock.elapsed() - movedAt > giveUpMs) throw noRoom(sink, closed);
          await clock.sleep(passEveryMs, signal);
          closed = await closure(signal);
        }
      } finally {
        goOn(!closed);
      }
    },
  };
}

const passEveryMs = 50;

/** Why the gate is closed, and how far from open it is. */
interface Closure extends Pressure {
  readonly reason: string;
  readonly bytes: number;
}

/** Whether consumers have made some room, if not enough. */
function isLess(one: Closure, other: Closure): boolean {
  return one.waiting < other.waiting || one.bytes < other.bytes || (one.memory ?? 0) < (other.memory ?? 0);
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

function noRoom(sink: Sink, { reason, workers }: Closure): RunError {
  return new RunError(`${sink.name} is full: ${reason}, ${workers} ${workers === 1 ? 'worker' : 'workers'}`, {
    code: 'queue.full',
    recovery: 'retry',
    hint: 'start more consumers; the run goes on where it stopped',
  });
}
