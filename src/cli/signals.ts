import type { Clock } from '../model/clock.ts';

/** The signals that ask the process to end. */
export const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndSignal = (typeof endSignals)[number];

export interface Signals {
  /** To be called for every signal that comes. */
  readonly receive: (signal: EndSignal) => void;
  /** Called for each request to end. @returns the function that stops listening; requests are counted all the same */
  readonly listen: (listener: (signal: EndSignal) => void) => () => void;
}

export interface SignalsOptions {
  readonly clock: Pick<Clock, 'elapsed'>;
  /** Ends the process with this code, after so many milliseconds at the latest. */
  readonly end: (code: number, withinMs: number) => void;
}

/**
 * A terminal that closes sends HUP up to three times, and run.sh's TERM reaches a process group twice: what comes within
 * this time is one request, or closing a window would force.
 */
const oneRequestMs = 500;

/** What a forced end may still take to close what is open. */
const forcedMs = 5000;

/** Signals as requests to end: the first asks, the second forces, and the process always ends (invariant 6). */
export function createSignals({ clock, end }: SignalsOptions): Signals {
  const listeners = new Set<(signal: EndSignal) => void>();
  let requests = 0;
  let last = -Infinity;
  return {
    receive(signal) {
      const now = clock.elapsed();
      if (now - last < oneRequestMs) return;
      last = now;
      requests += 1;
      const code = signal === 'SIGINT' ? 130 : 143;
      if (requests > 1) end(code, requests > 2 ? 0 : forcedMs);
      for (const listener of listeners) listener(signal);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
