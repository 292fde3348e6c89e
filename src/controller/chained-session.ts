import { RunError } from '../model/errors.ts';
import type { ChainedSource } from '../services/contract.ts';
import { changedWindowFields } from '../state/cursor.ts';
import type { StoredRun } from '../store/stored-run.ts';
import { runChained } from '../sync/chained-run.ts';
import { createOverlap } from '../sync/overlap.ts';
import { createAdvance } from './advance.ts';
import { buryOf } from './bury.ts';
import { deliveryOf } from './delivery-of.ts';
import { gateOf } from './gate.ts';
import type { KnownStateEntry } from './known-entries.ts';
import { beginRun, workersOf } from './new-run.ts';
import { acknowledged, ownCursor } from './own-cursor.ts';
import { isDrained, openProcessing } from './processing.ts';
import type { Prepared, SessionParts, SessionStart } from './session-contract.ts';

type ChainedStoredRun = StoredRun & { readonly span: { readonly kind: 'chained' } };

/** A run over a chained source: from the entry's ordinal, a little before it for late commits, to the end (S8, S10). */
export async function prepareChained(start: SessionStart<ChainedSource>): Promise<Prepared> {
  const { entry, source, traffic, sink, last, parts, signals } = start;
  const { service, settings, store, clock, emit } = parts;
  const name = { key: entry.key, label: entry.label };
  const unfinished = start.unfinished && acknowledge(asChained(start.unfinished), entry, parts);
  const run = unfinished ?? (await begin(entry, parts, signals.cancel));
  const cursor = run.span.since;
  // A run that was dropped has moved the ordinal as well, and left late commits behind it.
  const ended = [store.runs.lastOverlapped(entry.key), last];
  const before = ended.find((one) => one !== undefined && follows(run, one));
  const began = Math.min(before?.span.overlapFrom ?? cursor, cursor);
  const after = run.checkpoint.version ?? began;
  const settled = run.span.overlapFrom ?? began;
  signals.onRun(run);

  return {
    run,
    resumed: unfinished !== undefined,
    async execute(keep) {
      let totals = run.totals;
      let { read } = totals;
      const counted: ChainedSource = {
        async read(request, signal) {
          const page = await source.read(request, signal);
          read += page.records.length;
          return page;
        },
      };
      const advance = createAdvance({
        run,
        entry: name,
        from: ordinalOf(entry),
        runs: store.runs,
        stateFile: parts.stateFile,
        clock,
        emit,
        signal: signals.cancel,
        onWrite(frozen, intended) {
          signals.onWrite(frozen, intended);
          const { latest_ordinal: ordinal } = frozen;
          // The key is never ahead of the file.
          if (intended === undefined && typeof ordinal === 'number')
            parts.context.ordinalKeys?.reached(service.name, ordinal);
        },
      });
      emit({ type: 'run.chain', entry: name, runId: run.id, cursor, after });
      try {
        const processing = await openProcessing(
          { name, runId: run.id, sink, read: () => read, dead: run.totals.deadLetters },
          parts,
          signals,
        );
        const outcome = await runChained(
          {
            entry: name,
            service: service.name,
            runId: run.id,
            cursor,
            after,
            checkpoint: run.checkpoint,
            known:
              last && follows(run, last) && isToSameSink(run, last) ? store.runs.tail(last.id) : new Map(),
            totals: run.totals,
          },
          {
            source: counted,
            traffic,
            delivery: deliveryOf(run.id, sink, processing, parts),
            overlap: createOverlap({
              overlapMs: settings().ordinal_overlap_seconds * 1000,
              began: settled,
              readSince: (run.checkpoint.version ?? settled) > settled ? run.started : undefined,
              before:
                before?.finished === undefined ? undefined : { ordinal: cursor, endedAt: before.finished },
            }),
            gate: gateOf(sink, parts),
            clock,
            emit,
            live: () => ({
              workerCount: workersOf(signals.current(), service),
              itemsPerRequest: signals.current().items_per_request ?? service.defaults.itemsPerRequest,
            }),
            save(point, soFar) {
              totals = soFar;
              keep(soFar);
              store.runs.checkpoint(run.id, point, [], soFar);
              if (point.version !== undefined) advance.reached(point.version);
            },
            bury: buryOf(run.id, name, sink, parts),
            cancel: signals.cancel,
            drain: signals.drain,
          },
        );
        if (outcome.kind === 'complete') {
          // The end of the run is written as what follows the ordinal that the file has now.
          await advance.rest();
          return { ...outcome, kind: 'complete', cursorTo: outcome.ordinal };
        }
        await advance.flush();
        return { kind: 'drained', totals: outcome.totals };
      } catch (error) {
        await advance.flush();
        if (isDrained(error, signals)) return { kind: 'drained', totals };
        // Its jobs failed for good under their ids; the next run publishes anew from where this one got to.
        if (error instanceof RunError && error.code === 'run.too_many_dead') {
          store.runs.giveUp(run.id, clock.now(), error.message);
        }
        throw error;
      }
    },
  };
}

async function begin(
  entry: KnownStateEntry,
  parts: SessionParts,
  signal: AbortSignal,
): Promise<ChainedStoredRun> {
  const { service, context } = parts;
  const { latest_ordinal: latest } = entry.entry;
  const isGroup = typeof latest === 'object' && latest !== null;
  // Where the file says nothing the old importer's key does (S16).
  const adopted = isGroup ? undefined : await context.ordinalKeys?.begin(service.name, latest, signal);
  const since = adopted ?? ordinalOf(entry);
  const span = { kind: 'chained' as const, since, intended: undefined, overlapFrom: undefined };
  return beginRun(
    entry,
    {
      mode: since === 0 ? 'LOAD' : 'SYNC',
      span,
      cursorTo: since,
    },
    parts,
  );
}

/** A kill may have come between a write of the run's own and the word that it happened. */
function acknowledge(
  run: ChainedStoredRun,
  { raw }: KnownStateEntry,
  { store }: SessionParts,
): ChainedStoredRun {
  const frozen = acknowledged(ownCursor(run), raw);
  if (run.span.intended !== undefined) store.runs.advanced(run.id, frozen);
  return { ...run, frozen };
}

function isChained(run: StoredRun): run is ChainedStoredRun {
  return run.span.kind === 'chained';
}

function asChained(run: StoredRun): ChainedStoredRun {
  if (isChained(run)) return run;
  const { span } = run;
  throw new TypeError(`run ${run.id} of ${run.label} is ${span.kind}`);
}

/** Whether a run begins at the ordinal that another left in the file, and reads the same. */
function follows({ span, frozen }: ChainedStoredRun, ended: StoredRun): ended is ChainedStoredRun {
  const place = { latest_ordinal: null, sink: null };
  return (
    isChained(ended) &&
    leftAt(ended).includes(span.since) &&
    changedWindowFields({ ...frozen, ...place }, { ...ended.frozen, ...place }).length === 0
  );
}

/** The ordinal that a run left in the file. One that was dropped got as far as it had written, or was about to write. */
function leftAt({ state, cursorTo, frozen, span }: ChainedStoredRun): readonly unknown[] {
  return state === 'done' ? [cursorTo] : [frozen['latest_ordinal'] ?? 0, span.intended];
}

/** Only where the same queue has what was published before may it be left out. */
function isToSameSink({ frozen }: StoredRun, { frozen: before }: StoredRun): boolean {
  return !changedWindowFields(before, frozen).includes('sink');
}

function ordinalOf({ entry }: KnownStateEntry): number {
  return typeof entry.latest_ordinal === 'number' ? entry.latest_ordinal : 0;
}
