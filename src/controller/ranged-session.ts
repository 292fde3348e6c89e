import { RunError } from '../model/errors.ts';
import type { Entry } from '../model/entry.ts';
import type { Emit, EntryName } from '../model/events.ts';
import type { Window } from '../model/record.ts';
import { formatTimestamp, parseTimestamp } from '../model/time.ts';
import type { RangedSource } from '../services/contract.ts';
import { changedWindowFields } from '../state/cursor.ts';
import type { StoredRun } from '../store/stored-run.ts';
import { margin, slid } from '../sync/boundary.ts';
import { runRanged } from '../sync/ranged-run.ts';
import { frozenWindow, queryWindow } from '../sync/window.ts';
import { buryOf } from './bury.ts';
import { deliveryOf } from './delivery-of.ts';
import { gateOf } from './gate.ts';
import type { KnownStateEntry } from './known-entries.ts';
import { beginRun, workersOf } from './new-run.ts';
import type { Prepared, SessionParts, SessionStart } from './session-contract.ts';

type RangedStoredRun = StoredRun & { readonly span: { readonly kind: 'ranged' } };

/** A run over a ranged source: a frozen window, read from its beginning or from the checkpoint on (S6, S7, S8). */
export async function prepareRanged(start: SessionStart<RangedSource>): Promise<Prepared> {
  const { entry, source, traffic, sink, last, parts, signals } = start;
  const { service, settings, store, clock, emit } = parts;
  const name = { key: entry.key, label: entry.label };
  const unfinished = start.unfinished && asRanged(start.unfinished);
  const cursor = cursorSeconds(entry.entry);
  const { overlap_seconds: overlap } = settings();
  const asked = { since: unfinished ? unfinished.span.window.since : cursor, until: 0 };
  const resumeAt = unfinished?.checkpoint.version;
  const { now, total } = await source.probe(queryWindow(asked, overlap, resumeAt).since, signals.cancel);
  if (!unfinished) checkCursor(cursor, now);
  const run = unfinished ?? begin(entry, cursor, now, parts);
  const { window } = run.span;
  signals.onRun(run);
  if (run.mode === 'SYNC' && (entry.entry.start_offset ?? 0) > 0 && !unfinished)
    tellIgnoredOffset(name, emit);

  return {
    run,
    resumed: unfinished !== undefined,
    async execute(keep) {
      emit({ type: 'run.window', entry: name, runId: run.id, window, total });
      const outcome = await runRanged(
        {
          entry: name,
          service: service.name,
          runId: run.id,
          window,
          whole: queryWindow(window, overlap, undefined),
          query: queryWindow(window, overlap, resumeAt),
          startOffset: run.mode === 'LOAD' ? (entry.entry.start_offset ?? 0) : 0,
          estimate: total,
          checkpoint: run.checkpoint,
          confirmedKeys: store.runs.confirmedKeys(run.id),
          known: last && follows(run, last) ? store.runs.tail(last.id) : new Map(),
          tailFrom: window.until - overlap,
          totals: run.totals,
        },
        {
          source,
          traffic,
          delivery: deliveryOf(run.id, sink, undefined, parts),
          gate: gateOf(sink, parts),
          clock,
          emit,
          live: () => ({
            workerCount: workersOf(signals.current(), service),
            itemsPerRequest: signals.current().items_per_request ?? service.defaults.itemsPerRequest,
          }),
          save(point, keys, soFar) {
            keep(soFar);
            store.runs.checkpoint(run.id, point, keys, soFar);
          },
          bury: buryOf(run.id, name, sink, parts),
          mending: { slid, margin },
          cancel: signals.cancel,
          drain: signals.drain,
        },
      );
      return { cursorTo: run.cursorTo, ...outcome };
    },
  };
}

function begin(
  entry: KnownStateEntry,
  cursor: number | null,
  sourceNow: number,
  parts: SessionParts,
): RangedStoredRun {
  const window = frozenWindow(cursor, sourceNow);
  const span = { kind: 'ranged' as const, window };
  return beginRun(
    entry,
    {
      mode: cursor === null ? 'LOAD' : 'SYNC',
      span,
      cursorTo: formatTimestamp(window.until),
    },
    parts,
  );
}

function asRanged(run: StoredRun): RangedStoredRun {
  const { span } = run;
  if (span.kind === 'ranged') return { ...run, span };
  throw new TypeError(`run ${run.id} of ${run.label} is ${span.kind}`);
}

/** Whether a run begins where another ended, with nothing else changed: what that one published need not come again. */
function follows(run: RangedStoredRun, last: StoredRun): boolean {
  return (
    last.span.kind === 'ranged' &&
    run.span.window.since === last.span.window.until &&
    changedWindowFields(withoutCursor(run.frozen), withoutCursor(last.frozen)).length === 0
  );
}

function withoutCursor(frozen: StoredRun['frozen']): StoredRun['frozen'] {
  return { ...frozen, latest_timestamp: null };
}

/** How far a cursor may lie ahead of the source's clock: clocks differ. */
const clockToleranceMs = 60_000;

/** A cursor in the future would read nothing for ever and call it in step. */
function checkCursor(cursor: Window['since'], sourceNow: number): void {
  if (cursor === null || cursor * 1000 <= sourceNow + clockToleranceMs) return;
  throw new RunError(`latest_timestamp ${formatTimestamp(cursor)} lies in the future by the source's clock`, {
    code: 'run.future_cursor',
    recovery: 'config',
    hint: 'set it back to when the entry was last in step, or to null to read everything again',
  });
}

/** The entry's cursor in epoch seconds; null asks for a full load. */
function cursorSeconds(entry: Entry): number | null {
  return typeof entry.latest_timestamp === 'string' ? (parseTimestamp(entry.latest_timestamp) ?? null) : null;
}

function tellIgnoredOffset(entry: EntryName, emit: Emit): void {
  emit({
    type: 'notice',
    level: 'info',
    topic: 'controller',
    message: `${entry.label}: start_offset is for full loads only; this run reads changes and ignores it`,
  });
}
