import { readFileSync } from 'node:fs';
import type { Clock } from '../../model/clock.ts';
import { entryOf } from './standing.ts';

/** Reads a state file all the time and remembers what it should never have held. */
export interface StateWatch {
  /** How often it was read. */
  readonly looks: number;
  /** What was wrong with it, each once. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

/** Often enough to meet a file that is half there; a look costs some 20 microseconds. */
const everyMs = 1;

export function watchStateFile(path: string, clock: Clock): StateWatch {
  const end = new AbortController();
  const faults = new Set<string>();
  let looks = 0;
  let text = '';
  let cursor: string | number | null = null;

  const look = (): void => {
    looks += 1;
    let found: string;
    try {
      found = readFileSync(path, 'utf8');
    } catch (error) {
      faults.add(`state.json could not be read: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    if (found === text) return;
    text = found;
    const entry = entryOf(found);
    if (!entry.ok) {
      faults.add(`state.json was not whole: ${entry.reason}`);
      return;
    }
    if (isBefore(entry.cursor, cursor)) faults.add(`the cursor went back from ${cursor} to ${entry.cursor}`);
    cursor = entry.cursor;
  };
  const watching = (async () => {
    while (!end.signal.aborted) {
      look();
      await clock.sleep(everyMs, end.signal);
    }
  })().catch(() => {});

  return {
    get looks() {
      return looks;
    },
    get faults() {
      return [...faults];
    },
    async close() {
      look();
      end.abort();
      await watching;
    },
  };
}

/** Timestamps of one form sort as texts. */
function isBefore(one: string | number | null, other: string | number | null): boolean {
  if (other === null) return false;
  return one === null || one < other;
}
