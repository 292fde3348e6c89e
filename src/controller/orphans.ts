import type { Clock } from '../model/clock.ts';
import type { Emit } from '../model/events.ts';
import { ownerOf } from '../state/group.ts';
import type { RunStore } from '../store/runs.ts';
import type { KnownStateEntry } from './known-entries.ts';

/**
 * Drops unfinished runs whose entry a person removed while nothing was running. A group whose entry is invalid just now
 * stands in the file by itself, and its services' runs wait for it as any entry's do.
 * @param isLive whether a run is on, which ends by itself (S4)
 */
export function dropOrphans(
  runs: RunStore,
  entries: readonly KnownStateEntry[],
  isLive: (key: string) => boolean,
  { clock, emit }: { readonly clock: Clock; readonly emit: Emit },
): void {
  const keys = new Set(entries.map(({ key }) => key));
  for (const run of runs.allUnfinished()) {
    if (keys.has(run.entry) || keys.has(ownerOf(run.entry).identity) || isLive(run.entry)) continue;
    const reason = 'the entry was removed';
    runs.drop(run.id, clock.now(), reason);
    emit({ type: 'run.cancelled', entry: { key: run.entry, label: run.label }, runId: run.id, reason });
  }
}
