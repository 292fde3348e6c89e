import { writeSync } from 'node:fs';

/** What is needed of `process.stdout`, so that a test can put something in its place. */
export type TerminalOutput = NodeJS.WritableStream & {
  readonly columns: number;
  readonly rows: number;
  readonly writableLength: number;
};

/** Where the screen is drawn: a terminal, or what a test puts in its place. */
export interface Terminal {
  /** How many cells there are now. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  /** Whether so much waits to be written that another frame would only make it later. */
  readonly isBackedUp: () => boolean;
  /** From now on writing waits for nobody. To be called again after another program had the terminal. */
  readonly prepare: () => void;
  /** Writes at once, past everything that waits; for the last words of a process. Never throws and never waits. */
  readonly writeNow: (text: string) => void;
}

/** About two full frames. */
const roomBytes = 8192;

/**
 * Node writes to a terminal synchronously: one that stands still would stop every run with it, by 3.3 to 3.7 s where it
 * stood for 4 (tui.md, trap 11). There is no public switch; without the private one a terminal stays as it was. Node has
 * opened the terminal anew for itself, so that the shell that started it is not concerned.
 */
export function terminalOf(stdout: TerminalOutput): Terminal {
  return {
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    isBackedUp: () => stdout.writableLength > roomBytes,
    prepare() {
      const handle: unknown = '_handle' in stdout ? stdout['_handle'] : undefined;
      if (typeof handle !== 'object' || handle === null || !('setBlocking' in handle)) return;
      if (typeof handle.setBlocking === 'function') handle.setBlocking(false);
    },
    writeNow(text) {
      try {
        if ('fd' in stdout && typeof stdout.fd === 'number') writeSync(stdout.fd, text);
        else stdout.write(text);
      } catch {
        // It is full or gone; run.sh restores it once more.
      }
    },
  };
}
