import type { Clock } from '../model/clock.ts';
import type { PageMark } from './claims.ts';
import { createTracker } from './tracker.ts';

/** Progress by value: what a resumed run needs to know (S8). */
export interface ProgressPoint {
  readonly version: number | undefined;
  readonly nextPage: number;
}

/** Turns confirmed pages, in any order, into checkpoints of the unbroken prefix. */
export interface Progress {
  /** Pages confirmed without a gap before them, since the beginning of this session. */
  readonly prefix: number;
  confirm(page: number, mark: PageMark): void;
  /** Writes what is not written yet. */
  flush(): void;
  /** Forgets the version: the window is read from its beginning again. */
  rewind(): void;
}

export interface ProgressOptions {
  readonly start: ProgressPoint;
  readonly clock: Clock;
  /** Makes a checkpoint durable; `newKeys` are confirmed at its version and were not saved before. */
  readonly save: (point: ProgressPoint, newKeys: readonly string[]) => void;
}

/** A checkpoint costs a sync of the disk, so that pages confirmed within this time share one. */
const saveEveryMs = 50;

export function createProgress({ start, clock, save }: ProgressOptions): Progress {
  const tracker = createTracker<PageMark>(start.nextPage);
  let version = start.version;
  let newKeys: string[] = [];
  let dirty = false;
  let savedAt = Number.NEGATIVE_INFINITY;

  const flush = (): void => {
    if (!dirty) return;
    // Invariant 2: the checkpoint is the prefix's, whatever pages beyond it are confirmed.
    save({ version, nextPage: start.nextPage + tracker.prefix }, newKeys);
    newKeys = [];
    dirty = false;
    savedAt = clock.elapsed();
  };

  return {
    get prefix() {
      return tracker.prefix;
    },
    confirm(page, mark) {
      for (const grown of tracker.confirm(page, mark)) {
        dirty = true;
        if (grown.version === undefined || (version !== undefined && grown.version < version)) continue;
        if (grown.version === version) newKeys.push(...grown.keys);
        else newKeys = [...grown.keys];
        version = grown.version;
      }
      if (clock.elapsed() - savedAt >= saveEveryMs) flush();
    },
    flush,
    rewind() {
      version = undefined;
      newKeys = [];
    },
  };
}
