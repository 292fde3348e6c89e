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
  /** Records read by those pages, since the session began or was rewound. */
  readonly read: number;
  confirm(page: number, mark: PageMark): void;
  /** Writes what is not written yet; nothing is left to be written later. */
  flush(): void;
  /** Back to the beginning of the window, which is read again; at once. Page numbers go on. */
  rewind(): void;
}

export interface ProgressOptions {
  readonly start: ProgressPoint;
  readonly clock: Clock;
  /** Makes a checkpoint durable; `newKeys` are confirmed at its version and were not saved before. */
  readonly save: (point: ProgressPoint, newKeys: readonly string[]) => void;
}

/**
 * A checkpoint costs a sync of the disk, so pages confirmed within this time share one, and on a slow disk within a
 * multiple of what the last one took: never more than a tenth of the time goes into saving.
 */
const saveEveryMs = 50;
const saveShare = 10;
const longestPauseMs = 1000;

export function createProgress({ start, clock, save }: ProgressOptions): Progress {
  const tracker = createTracker<PageMark>(start.nextPage);
  let version = start.version;
  let read = 0;
  let newKeys: string[] = [];
  let dirty = false;
  let savedAt = Number.NEGATIVE_INFINITY;
  let pauseMs = saveEveryMs;
  let pause: AbortController | undefined;

  const flush = (): void => {
    pause?.abort();
    pause = undefined;
    if (!dirty) return;
    const began = clock.elapsed();
    // Invariant 2: the checkpoint is the prefix's, whatever pages beyond it are confirmed.
    save({ version, nextPage: start.nextPage + tracker.prefix }, newKeys);
    newKeys = [];
    dirty = false;
    savedAt = clock.elapsed();
    pauseMs = Math.min(Math.max(saveEveryMs, saveShare * (savedAt - began)), longestPauseMs);
  };
  /** The next page may be long in coming, and a kill until then must not cost this one. */
  const flushIn = async (waitMs: number): Promise<void> => {
    pause = new AbortController();
    try {
      await clock.sleep(waitMs, pause.signal);
      flush();
    } catch {
      // Written meanwhile; or the save failed, which whoever confirms or flushes next will try again and tell.
    }
  };

  return {
    get prefix() {
      return tracker.prefix;
    },
    get read() {
      return read;
    },
    confirm(page, mark) {
      for (const grown of tracker.confirm(page, mark)) {
        dirty = true;
        read += grown.read;
        if (grown.version === undefined || (version !== undefined && grown.version < version)) continue;
        if (grown.version === version) newKeys.push(...grown.keys);
        else newKeys = [...grown.keys];
        version = grown.version;
      }
      if (!dirty) return;
      const waitMs = pauseMs - (clock.elapsed() - savedAt);
      if (waitMs <= 0) flush();
      else if (!pause) void flushIn(waitMs);
    },
    flush,
    rewind() {
      version = undefined;
      read = 0;
      newKeys = [];
      dirty = true;
      flush();
    },
  };
}
