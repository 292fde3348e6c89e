import type { Clock } from '../model/clock.ts';
import { type Moment, timeOf } from '../schedule/moment.ts';
import type { StoredRun } from '../store/stored-run.ts';

/** When the newest runs began, for as long as this process knows it by a clock that nobody sets. */
export interface Starts {
  /** A run begins, or goes on. */
  note(run: Pick<StoredRun, 'id' | 'entry' | 'started'>): void;
  /** A run's start by the wall clock of now; undefined when another process began it. */
  of(run: Pick<StoredRun, 'id' | 'entry'>): number | undefined;
}

export function createStarts(clock: Clock): Starts {
  const starts = new Map<string, Moment & { readonly run: string }>();
  return {
    note({ id, entry, started }) {
      if (starts.get(entry)?.run === id) return;
      starts.set(entry, { run: id, at: started, elapsed: clock.elapsed() });
    },
    of({ id, entry }) {
      const start = starts.get(entry);
      return start?.run === id ? timeOf(start, clock) : undefined;
    },
  };
}
