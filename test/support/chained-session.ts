import type { Clock } from '../../src/model/clock.ts';
import type { EventBody, RunTotals } from '../../src/model/events.ts';
import type { DeadLetter } from '../../src/model/record.ts';
import { noTotals } from '../../src/model/run-totals.ts';
import { noTraffic } from '../../src/model/traffic.ts';
import type { Sink } from '../../src/sink/contract.ts';
import type { ChainedSource } from '../../src/source/contract.ts';
import { createBudget } from '../../src/sync/budget.ts';
import { type ChainedOutcome, type ChainedParts, runChained } from '../../src/sync/chained-run.ts';
import { createDelivery } from '../../src/sync/delivery.ts';
import { createFullQueues } from '../../src/sync/full-queues.ts';
import { createGate } from '../../src/sync/gate.ts';
import { createOutage } from '../../src/sync/outage.ts';
import { createOverlap } from '../../src/sync/overlap.ts';
import type { ProgressPoint } from '../../src/sync/progress.ts';
import { createWatch } from '../../src/sync/watch.ts';

/** What outlives a session: the part of the store and of the file that a chained run uses, in memory. */
export interface SavedChain {
  runId: string;
  cursor: number;
  point: ProgressPoint;
  totals: RunTotals;
  overlapFrom: number | undefined;
  /** The same for a run that is not over: what its sessions so far know of it. */
  settled: number | undefined;
  tail: ReadonlyMap<string, string>;
  endedAt: number | undefined;
  /** When the run began that is not over. */
  startedAt: number | undefined;
  readonly receipts: Set<string>;
  readonly letters: DeadLetter[];
}

/** What a run that was dropped leaves behind: the ordinal it had written, and a new run from there (S15). */
export function dropChain(saved: SavedChain, now: number): void {
  const { point, settled } = saved;
  const cursor = Math.max(saved.cursor, point.version ?? 0);
  if (cursor !== saved.cursor) saved.tail = new Map();
  if (settled !== undefined) saved.overlapFrom = Math.min(settled, cursor);
  // What was published before the run before ended is behind a later end too.
  if (point.version !== undefined) saved.endedAt = now;
  saved.cursor = cursor;
  beginChain(saved);
}

function beginChain(saved: SavedChain): void {
  saved.point = { version: undefined, nextPage: 0 };
  saved.totals = noTotals;
  saved.settled = undefined;
  saved.startedAt = undefined;
  saved.runId = `rchain${Number(saved.runId.slice(6)) + 1}`;
}

export function newChain(): SavedChain {
  return {
    runId: 'rchain1',
    cursor: 0,
    point: { version: undefined, nextPage: 0 },
    totals: noTotals,
    overlapFrom: undefined,
    settled: undefined,
    tail: new Map(),
    endedAt: undefined,
    startedAt: undefined,
    receipts: new Set(),
    letters: [],
  };
}

export interface ChainOptions {
  readonly source: ChainedSource;
  readonly sink: Sink;
  readonly saved: SavedChain;
  readonly clock: Clock;
  readonly workers?: number;
  readonly items?: number;
  readonly overlapMs?: number;
  readonly giveUpMs?: number;
  readonly drain?: AbortSignal;
  readonly cancel?: AbortSignal;
  readonly events?: EventBody[];
  readonly parts?: Partial<ChainedParts>;
}

const roomy = { waitingJobs: 10_000, unconfirmedBytes: 64_000_000 };

/** Runs one session of a chained run the way the controller does, without files and without a database. */
export async function runChain(options: ChainOptions): Promise<ChainedOutcome> {
  const { source, sink, saved, clock, overlapMs = 600_000, giveUpMs } = options;
  const never = new AbortController().signal;
  const { drain = never, cancel = never } = options;
  const emit = (event: EventBody): void => void options.events?.push(event);
  const outage = createOutage(sink.name, clock, emit);
  const unconfirmed = { value: 0 };
  const entry = { key: 'e1', label: 'service "TEST"' };
  const began = Math.min(saved.overlapFrom ?? saved.cursor, saved.cursor);
  const settled = saved.settled ?? began;
  saved.startedAt ??= clock.now();
  let { read } = saved.totals;
  const budget = createBudget(saved.totals.deadLetters, () => read);
  await sink.mark(saved.runId, never);
  const onWaiting = (chunks: number, workers: number): void =>
    emit({
      type: 'chunks.waiting',
      entry,
      runId: saved.runId,
      queue: sink.name,
      chunks,
      workers,
      unattended: false,
    });
  const processing = {
    watch: createWatch({ sink, runId: saved.runId, outage, clock, giveUpMs, onWaiting }),
    receipts: {
      add: (id: string) => void saved.receipts.add(id),
      remove: (ids: readonly string[]) => {
        for (const id of ids) saved.receipts.delete(id);
      },
    },
    onDead: (reason: string) => budget.spend(reason),
    drain,
  };
  // What earlier sessions left in the queue is not overtaken (S14).
  const left = [...saved.receipts];
  await processing.watch.settled(left, AbortSignal.any([cancel, drain]));
  processing.receipts.remove(left);
  const outcome = await runChained(
    {
      entry,
      service: 'TEST',
      runId: saved.runId,
      cursor: saved.cursor,
      after: saved.point.version ?? began,
      checkpoint: saved.point,
      known: saved.tail,
      totals: saved.totals,
    },
    {
      source: {
        async read(request, signal) {
          const page = await source.read(request, signal);
          read += page.records.length;
          return page;
        },
      },
      traffic: () => noTraffic,
      delivery: createDelivery({
        runId: saved.runId,
        sink,
        outage,
        unconfirmed,
        processing: sink.grade === 'processed' ? processing : undefined,
      }),
      overlap: createOverlap({
        overlapMs,
        began: settled,
        readSince: (saved.point.version ?? settled) > settled ? saved.startedAt : undefined,
        before: saved.endedAt === undefined ? undefined : { ordinal: saved.cursor, endedAt: saved.endedAt },
      }),
      gate: createGate({
        sink,
        outage,
        limits: () => roomy,
        unconfirmed,
        full: createFullQueues(emit),
        clock,
      }),
      clock,
      emit,
      live: () => ({ workerCount: options.workers ?? 2, itemsPerRequest: options.items ?? 10 }),
      save(point, totals) {
        saved.point = point;
        saved.totals = totals;
        saved.settled = point.overlapFrom;
      },
      bury: (letters) => void saved.letters.push(...letters),
      cancel,
      drain,
      ...options.parts,
    },
  );
  if (outcome.kind === 'complete') {
    saved.cursor = outcome.ordinal;
    saved.overlapFrom = outcome.overlapFrom;
    saved.tail = outcome.tail;
    saved.endedAt = clock.now();
    beginChain(saved);
  }
  return outcome;
}
