import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emit } from '../model/events.ts';
import { formatTimestamp } from '../model/time.ts';
import { diskError } from './disk-error.ts';
import { hasCode } from './disk.ts';

export type QuitVerdict = 'none' | 'quit' | 'stale';

/**
 * Whether a quit file counts: only one that was touched later than the reference, a file written in the same folder at
 * start, so that both times come from one clock (S19). Times in nanoseconds; undefined when there is no quit file.
 */
export function judgeQuitFile(quitNs: bigint | undefined, referenceNs: bigint): QuitVerdict {
  if (quitNs === undefined) return 'none';
  return quitNs > referenceNs ? 'quit' : 'stale';
}

export interface QuitFile {
  /**
   * True when a person asked to quit since the start, once for each time the file was touched. An older file is removed
   * with a notice. Never throws.
   */
  asked(): boolean;
  /** Takes the request away and writes `controller.quit.done`: when (seconds since 1970) and how it ended. Never throws. */
  done(seconds: number, how: string): void;
}

export interface QuitFileOptions {
  readonly folder: string;
  /** A file of that folder written when `run.sh` was called; without one the reference is written now. */
  readonly reference?: string;
  readonly emit: Emit;
}

/** Begins to listen to `controller.quit` and removes the answer of the last time. Throws StateError. */
export function openQuitFile({ folder, reference, emit }: QuitFileOptions): QuitFile {
  const quit = join(folder, 'controller.quit');
  const answer = join(folder, 'controller.quit.done');
  const own = join(folder, 'controller.started');
  let referenceNs: bigint;
  try {
    rmSync(answer, { force: true });
    const given = reference === undefined ? undefined : modifiedNs(reference);
    if (given === undefined) {
      // Emptying an empty file leaves its time alone on some file systems; a new file has a new one.
      rmSync(own, { force: true });
      writeFileSync(own, '');
    }
    referenceNs = given ?? modifiedNs(own) ?? 0n;
  } catch (error) {
    throw diskError(folder, error);
  }

  let seenNs: bigint | undefined;
  /** A file that comes after none was there is a request, whatever the clock says that may have been set back. */
  let wasAbsent = false;
  return {
    asked() {
      const touchedNs = quietly(() => modifiedNs(quit));
      if (touchedNs === undefined) {
        wasAbsent = true;
        return false;
      }
      const verdict = wasAbsent ? 'quit' : judgeQuitFile(touchedNs, referenceNs);
      if (verdict === 'stale' && quietly(() => remove(quit))) {
        tell('info', 'controller.quit is older than this start: removed');
      }
      if (verdict !== 'quit' || touchedNs === seenNs) return false;
      seenNs = touchedNs;
      return true;
    },
    done(seconds, how) {
      quietly(() => remove(quit));
      quietly(() => {
        writeFileSync(answer, `${formatTimestamp(seconds)} ${how}\n`);
      });
    },
  };

  function quietly<T>(effect: () => T): T | undefined {
    try {
      return effect();
    } catch (error) {
      tell('warn', `controller.quit: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  function tell(level: 'info' | 'warn', message: string): void {
    emit({ type: 'notice', level, topic: 'quit', message });
  }
}

function remove(path: string): true {
  rmSync(path, { force: true });
  return true;
}

function modifiedNs(path: string): bigint | undefined {
  try {
    return statSync(path, { bigint: true }).mtimeNs;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
