import type { Entry } from '../model/entry.ts';
import { noTotals } from '../model/run-totals.ts';
import type { Service } from '../services/contract.ts';
import type { StoredRun } from '../store/runs.ts';
import type { KnownStateEntry } from './known-entries.ts';

/** The worker_count in force: written, or the service's. */
export function workersOf(entry: Entry, service: Service): number {
  return entry.worker_count ?? service.defaults.workerCount;
}

/** A run that has done nothing yet, for the store. */
export function newRun(
  { id, started }: { readonly id: string; readonly started: number },
  entry: KnownStateEntry,
  what: Pick<StoredRun, 'mode' | 'span' | 'cursorTo'>,
): Omit<StoredRun, 'state' | 'finished' | 'error' | 'checkpoint'> {
  return {
    id,
    entry: entry.key,
    label: entry.label,
    frozen: entry.raw,
    started,
    totals: noTotals,
    ...what,
  };
}
