import type { RunTotals } from '../model/events.ts';
import type { OpenedSource, Sink } from '../services/contract.ts';
import { prepareChained } from './chained-session.ts';
import type { KnownStateEntry } from './known-entries.ts';
import { workersOf } from './new-run.ts';
import { findUnfinished, forgetful, isRemembered, lastKnownRun, mostLosses } from './queue-memory.ts';
import { prepareRanged } from './ranged-session.ts';
import type {
  Prepared,
  SessionOutcome,
  SessionParts,
  SessionSignals,
  SessionStart,
} from './session-contract.ts';
import { prepareWhole } from './whole-session.ts';

/**
 * One session of an entry's run: goes on with the unfinished one, or begins one, and takes it as far as it gets.
 * The run's checkpoint is in the store whatever happens. When the queue lost its data in the middle of the run, the same
 * run is done again from its beginning.
 * @throws what reading and publishing throw; an AbortError when cancelled
 */
export async function runSession(
  entry: KnownStateEntry,
  parts: SessionParts,
  signals: SessionSignals,
): Promise<SessionOutcome> {
  for (let losses = 0; ; losses += 1) {
    const { isKept, outcome, sink } = await runOnce(entry, parts, signals);
    if (isKept) return outcome;
    if (losses === mostLosses) {
      const error = forgetful(sink);
      parts.store.runs.failed(outcome.run.id, error.message, outcome.totals);
      throw error;
    }
  }
}

async function runOnce(
  entry: KnownStateEntry,
  parts: SessionParts,
  signals: SessionSignals,
): Promise<{ readonly isKept: boolean; readonly outcome: SessionOutcome; readonly sink: Sink }> {
  const { service, context, store, emit, outage } = parts;
  const name = { key: entry.key, label: entry.label };
  const opened = await service.openSource(entry.entry, context);
  const sink = service.openSink(entry.entry, context);
  const last = await lastKnownRun(name, sink, parts, signals.cancel);
  const unfinished = await findUnfinished(entry, sink, parts, signals.cancel);
  const prepared = await prepare(opened, { entry, sink, last, unfinished, parts, signals });
  const { run, resumed } = prepared;
  emit({
    type: 'run.started',
    entry: name,
    runId: run.id,
    mode: run.mode,
    resumed,
    workers: workersOf(signals.current(), service),
  });
  await outage.ride((signal) => sink.mark(run.id, signal), signals.cancel);
  let totals: RunTotals = run.totals;
  try {
    const ended = await prepared.execute((soFar) => (totals = soFar));
    // What consumers have finished cannot be lost by the queue any more (S13).
    const isSafe = ended.kind === 'drained' || sink.grade === 'processed';
    const isKept = isSafe || (await isRemembered(run.id, sink, parts, signals.cancel));
    return { isKept, outcome: { run, ...ended }, sink };
  } catch (error) {
    if (!signals.cancel.aborted) {
      store.runs.failed(run.id, error instanceof Error ? error.message : String(error), totals);
    }
    throw error;
  }
}

async function prepare(
  { kind, source, traffic }: OpenedSource,
  start: Omit<SessionStart<never>, 'source' | 'traffic'>,
): Promise<Prepared> {
  switch (kind) {
    case 'ranged':
      return await prepareRanged({ ...start, source, traffic });
    case 'chained':
      return await prepareChained({ ...start, source, traffic });
    case 'whole':
      return await prepareWhole({ ...start, source, traffic });
    default:
      return kind satisfies never;
  }
}
