import type { Entry } from '../model/entry.ts';
import { drawRunId } from '../model/ids.ts';
import { noTotals } from '../model/run-totals.ts';
import type { Service } from '../services/contract.ts';
import type { RunSpan, StoredRun } from '../store/stored-run.ts';
import type { KnownStateEntry } from './known-entries.ts';
import type { SessionParts } from './session-contract.ts';

/** The worker_count in force: written, or the service's. */
export function workersOf(entry: Entry, service: Service): number {
  return entry.worker_count ?? service.defaults.workerCount;
}

/** Begins a run: draws its id, and commits it to the store before its first publish (S12). */
export function beginRun<Span extends RunSpan>(
  entry: KnownStateEntry,
  what: Pick<StoredRun, 'mode' | 'cursorTo'> & { readonly span: Span },
  { store, clock }: SessionParts,
): StoredRun & { readonly span: Span } {
  const run = {
    id: drawRunId(),
    entry: entry.key,
    label: entry.label,
    frozen: entry.raw,
    started: clock.now(),
    totals: noTotals,
    ...what,
  };
  store.runs.begin(run);
  return {
    ...run,
    state: 'running',
    finished: undefined,
    error: undefined,
    checkpoint: { version: undefined, nextPage: 0 },
  };
}
