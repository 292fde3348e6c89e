import type { Sink } from '../services/contract.ts';
import { createGate, type Gate } from '../sync/gate.ts';
import type { SessionParts } from './session-contract.ts';

/** The back-pressure of one session, with the limits that the settings say at each moment (S17). */
export function gateOf(sink: Sink, parts: SessionParts): Gate {
  const { outage, settings, unconfirmed, full, clock, giveUpMs } = parts;
  return createGate({
    sink,
    outage,
    limits: () => ({
      waitingJobs: settings().max_waiting_jobs,
      unconfirmedBytes: settings().max_unconfirmed_mb * 1_000_000,
    }),
    unconfirmed,
    full,
    clock,
    giveUpMs,
  });
}
