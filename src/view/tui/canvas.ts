import { type Instance, render } from 'ink';
import { createElement } from 'react';
import type { Clock } from '../../model/clock.ts';
import { App, type AppProps, type Suspend } from './app.tsx';
import type { Terminal, TerminalOutput } from './async-stdout.ts';

export interface CanvasOptions {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: TerminalOutput;
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** The painted rows of the frame as it is now. */
  readonly rows: () => readonly string[];
  readonly onKeys: AppProps['onKeys'];
  readonly onPaste: AppProps['onPaste'];
  readonly onExit: (restore: () => void) => () => void;
  /** A component threw: everything is unmounted already. */
  readonly onBroken: (error: unknown) => void;
}

/** The terminal, taken over: what is drawn on it goes through Ink, and through here only. */
export interface Canvas {
  /** Draws the frame as it is now; nothing while the terminal is lent. */
  draw(): void;
  /** What is on the screen may not be what was drawn last: the next frame is drawn anew from its first row. */
  spoil(): void;
  /** Gives the terminal to somebody else, as it was, for as long as `work` takes. */
  lend(work: () => Promise<void>): Promise<void>;
  isLent(): boolean;
  /** Gives it back for good. */
  close(): Promise<void>;
}

/** Synchronised output off, main screen, cursor, no bracketed paste. */
const restoreSequence = '\u001B[?2026l\u001B[?1049l\u001B[?25h\u001B[?2004l';
const homeAndErase = '\u001B[H\u001B[J';
/** A terminal that stands still does not hold up the end. */
const closeMs = 500;

export function openCanvas(options: CanvasOptions): Canvas {
  const { stdin, stdout, terminal, clock, onKeys, onPaste } = options;
  let suspend: Suspend | undefined;
  let isLent = false;
  let isSpoilt = false;
  let generation = 0;

  const onReady = (given: Suspend): void => {
    suspend = given;
  };
  const app = (): ReturnType<typeof createElement> =>
    createElement(App, { rows: options.rows(), generation, onKeys, onPaste, onReady });

  terminal.prepare();
  const forgetExit = options.onExit(() => terminal.writeNow(restoreSequence));
  const instance: Instance = render(app(), {
    stdin,
    stdout,
    alternateScreen: true,
    incrementalRendering: true,
    maxFps: 30,
    concurrent: false,
    exitOnCtrlC: false,
    patchConsole: false,
    // Decided by the caller: Ink would take any CI variable for "no terminal" (tui.md, trap 2).
    interactive: true,
    isScreenReaderEnabled: false,
  });
  instance.waitUntilExit().catch(options.onBroken);

  return {
    draw() {
      if (isLent) return;
      if (isSpoilt) beginAnew();
      instance.rerender(app());
    },
    spoil() {
      isSpoilt = true;
    },
    isLent: () => isLent,
    async lend(work) {
      if (!suspend) throw new Error('there is no terminal to give away');
      isLent = true;
      try {
        await suspend(work);
      } finally {
        isLent = false;
        isSpoilt = true;
        // Node makes what a child inherits wait again.
        terminal.prepare();
      }
    },
    async close() {
      instance.unmount();
      const flushed = new Promise<true>((resolve) => {
        stdout.write('', () => resolve(true));
      });
      const late = new AbortController();
      const isFlushed = await Promise.race([flushed, clock.sleep(closeMs, late.signal).catch(() => {})]);
      late.abort();
      // What still waits for a terminal that stands still is lost with the process: then the end of it says it again.
      if (isFlushed === true) forgetExit();
    },
  };

  /**
   * Ink paints the old frame once at a new size, and what it then takes for the last frame is not what is there: a storm
   * of resizes left debris. So it forgets everything and begins at the top of an empty screen.
   */
  function beginAnew(): void {
    isSpoilt = false;
    generation += 1;
    instance.clear();
    stdout.write(homeAndErase);
  }
}
