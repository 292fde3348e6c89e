import { systemClock } from '../../src/model/clock.ts';
import type { EventBody, RunTotals } from '../../src/model/events.ts';
import type { Window } from '../../src/model/record.ts';
import { noTotals } from '../../src/model/run-totals.ts';
import { noTraffic } from '../../src/model/traffic.ts';
import type { Sink } from '../../src/sink/contract.ts';
import type { RangedSource } from '../../src/source/contract.ts';
import { margin, slid } from '../../src/sync/boundary.ts';
import { createDelivery } from '../../src/sync/delivery.ts';
import { createFullQueues } from '../../src/sync/full-queues.ts';
import { createGate } from '../../src/sync/gate.ts';
import { createOutage, type Outage } from '../../src/sync/outage.ts';
import type { ProgressPoint } from '../../src/sync/progress.ts';
import { type RangedOutcome, type RangedParts, runRanged } from '../../src/sync/ranged-run.ts';
import { frozenWindow, queryWindow } from '../../src/sync/window.ts';

/** What outlives a session: the part of the store that a ranged run uses, in memory. */
export interface SavedRun {
  readonly runId: string;
  window: Window | undefined;
  point: ProgressPoint;
  keys: string[];
  totals: RunTotals;
}

export function newRun(runId = 'rtest'): SavedRun {
  return { runId, window: undefined, point: { version: undefined, nextPage: 0 }, keys: [], totals: noTotals };
}

/** Saves checkpoints as the store does. */
export function savingInto(saved: SavedRun): RangedParts['save'] {
  return ({ tail: _tail, ...point }, keys, totals) => {
    const known = point.version === saved.point.version ? saved.keys : [];
    saved.keys = [...new Set([...known, ...keys])];
    saved.point = point;
    saved.totals = totals;
  };
}

export interface SessionOptions {
  readonly source: RangedSource;
  readonly sink: Sink;
  readonly saved: SavedRun;
  readonly cursor?: number | null;
  readonly workers?: number;
  readonly items?: number;
  readonly startOffset?: number;
  readonly known?: ReadonlyMap<string, string>;
  readonly outage?: Outage;
  readonly parts?: Partial<RangedParts>;
  readonly freeze?: typeof frozenWindow;
  readonly events?: EventBody[];
}

const roomy = { waitingJobs: 10_000, unconfirmedBytes: 64_000_000 };

/** Runs one session of a run the way the controller does, without files and without a database. */
export async function runSession(options: SessionOptions): Promise<RangedOutcome> {
  const { source, sink, saved, cursor = null, freeze = frozenWindow } = options;
  const emit = (event: EventBody): void => void options.events?.push(event);
  const never = new AbortController().signal;
  const since = queryWindow({ since: cursor, until: 0 }, 60, saved.point.version).since;
  const { now, total } = await source.probe(since, never);
  saved.window ??= freeze(cursor, now);
  const { outage = createOutage(sink.name, systemClock, emit) } = options;
  const unconfirmed = { value: 0 };
  return await runRanged(
    {
      entry: { key: 'e1', label: 'list "test"' },
      service: 'lists',
      runId: saved.runId,
      window: saved.window,
      whole: queryWindow(saved.window, 60, undefined),
      query: queryWindow(saved.window, 60, saved.point.version),
      startOffset: options.startOffset ?? 0,
      estimate: total,
      checkpoint: saved.point,
      confirmedKeys: saved.keys,
      known: options.known ?? new Map(),
      tailFrom: saved.window.until - 60,
      totals: saved.totals,
    },
    {
      source,
      traffic: () => noTraffic,
      delivery: createDelivery({ runId: saved.runId, sink, outage, unconfirmed }),
      gate: createGate({
        sink,
        outage,
        limits: () => roomy,
        unconfirmed,
        full: createFullQueues(emit),
        clock: systemClock,
      }),
      clock: systemClock,
      emit,
      live: () => ({ workerCount: options.workers ?? 8, itemsPerRequest: options.items ?? 100 }),
      save: savingInto(saved),
      bury: () => {},
      mending: { slid, margin },
      cancel: never,
      drain: never,
      ...options.parts,
    },
  );
}
