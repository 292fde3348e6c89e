import type { AnswerLine } from './answer-line.ts';
import { createFaults, type Fault } from './fault.ts';
import { createRandom } from './random.ts';
import { createRequestCounter, type RequestCounts } from './request-counts.ts';
import type { Desk } from './serve.ts';

/** What every simulator can be started with; `Kind` are its kinds of request. */
export interface CommonOptions<Kind extends string> {
  /** Default 1. The same seed and the same clock give the same contents, changes and faults. */
  readonly seed?: number;
  /** How long each answer takes. Default 0. */
  readonly latencyMs?: number;
  /** Default none. */
  readonly faults?: readonly Fault<Kind>[];
  /** The server's clock, epoch milliseconds; the Date header shows it. Default Date.now. */
  readonly now?: () => number;
  /** Told of each request once it is answered. */
  readonly onAnswer?: (line: AnswerLine<Kind>) => void;
}

/** What can be turned on every simulator while it runs. */
export interface Controls<Kind extends string> {
  /** What it has been asked so far. */
  readonly requests: RequestCounts<Kind>;
  /** The simulator's clock, epoch milliseconds. */
  now(): number;
  /** Puts the simulator's clock forward. */
  advance(ms: number): void;
  /** Replaces all faults; they count anew. */
  setFaults(faults: readonly Fault<Kind>[]): void;
  /** From the next request on. */
  setLatency(ms: number): void;
}

type DeskPart = 'counter' | 'now' | 'latencyMs' | 'drawFault' | 'onAnswer';

/** The controls, and the part of the desk that they turn. `faultSeed` decides which requests a fault strikes. */
export function createControls<Kind extends string>(
  options: CommonOptions<Kind>,
  faultSeed: number,
): { readonly controls: Controls<Kind>; readonly desk: Pick<Desk<Kind>, DeskPart> } {
  const clock = options.now ?? Date.now;
  let ahead = 0;
  let latencyMs = options.latencyMs ?? 0;
  const chance = createRandom(faultSeed);
  let drawFault = createFaults(options.faults ?? [], chance);
  const now = (): number => clock() + ahead;
  const counter = createRequestCounter<Kind>();
  return {
    controls: {
      get requests() {
        return counter.counts();
      },
      now,
      advance(ms) {
        ahead += ms;
      },
      setFaults(faults) {
        drawFault = createFaults(faults, chance);
      },
      setLatency(ms) {
        latencyMs = ms;
      },
    },
    desk: {
      counter,
      now,
      latencyMs: () => latencyMs,
      drawFault: (kind) => drawFault(kind),
      onAnswer: options.onAnswer ?? (() => {}),
    },
  };
}
