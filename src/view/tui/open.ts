import { createElement } from 'react';
import { type Instance, render } from 'ink';
import type { Clock } from '../../model/clock.ts';
import type { SluiceEvent } from '../../model/events.ts';
import type { Operator } from '../../model/operator.ts';
import { App, type Suspend } from './app.tsx';
import { terminalOf } from './async-stdout.ts';
import { createControls } from './controls.ts';
import { runEditor } from './editor.ts';
import { frameOf } from './frame.ts';
import { handleKey, handlePaste } from './keys/handle.ts';
import type { Model, Ui } from './model.ts';
import { pollQueues } from './polls.ts';
import { createPublisher } from './publisher.ts';
import { pulseOf } from './pulse.ts';
import { screens } from './screens/registry.ts';
import { createClean } from './state/clean.ts';
import { createScreenStore } from './state/store.ts';
import { asciiGlyphs, unicodeGlyphs } from './text/glyphs.ts';
import { choosePaint } from './text/paint.ts';
import { placeOf, startUi } from './ui.ts';

export interface ScreenOptions {
  readonly stdin: NodeJS.ReadStream;
  /** A terminal, or what acts as one. */
  readonly stdout: NodeJS.WriteStream;
  readonly redact: (text: string) => string;
  readonly clock: Clock;
  /** NO_COLOR, TERM, VISUAL and EDITOR are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Signs of ASCII only. */
  readonly ascii: boolean;
  /** Calls `restore` at the end of the process, whatever ends it: it puts the terminal back in order at once. @returns takes it back */
  readonly onExit: (restore: () => void) => () => void;
  /** The screen broke and is closed; the runs go on. */
  readonly onFatal: (error: unknown) => void;
  /** A quit that was asked for before there is an operator. */
  readonly onEarlyQuit?: (by: string) => void;
  /** Opens a file in an editor that has the terminal to itself; by default `$VISUAL`, `$EDITOR` or `vi`. */
  readonly runEditor?: (path: string) => Promise<void>;
}

/** The screen of a running controller. */
export interface Screen {
  /** Never throws, never waits: frames are drawn at most 4 times a second, and none while the terminal is behind. */
  show(event: SluiceEvent): void;
  /** From now on keys have somebody to ask. */
  attach(operator: Operator): void;
  /** Gives the terminal back as it was. Safe to call twice. */
  close(): Promise<void>;
}

/** Synchronised output off, main screen, cursor, no bracketed paste. */
const restoreSequence = '\u001B[?2026l\u001B[?1049l\u001B[?25h\u001B[?2004l';
/** A terminal that stands still does not hold up the end. */
const closeMs = 500;

/** Takes the terminal over and draws on it until it is closed. */
export function openScreen(options: ScreenOptions): Screen {
  const { stdin, stdout, clock, env } = options;
  const terminal = terminalOf(stdout);
  const clean = createClean(options.redact);
  const store = createScreenStore(clean);
  const paint = choosePaint(env);
  const glyphs = options.ascii || env['TERM'] === 'dumb' ? asciiGlyphs : unicodeGlyphs;
  const closing = new AbortController();
  let ui: Ui = startUi(screens[0].id);
  let operator: Operator | undefined;
  let suspend: Suspend | undefined;
  let instance: Instance | undefined;
  let closed: Promise<void> | undefined;

  const model = (): Model => {
    const now = clock.now();
    return { now, size: terminal.size(), glyphs, data: store.view(now), ui };
  };
  const draw = (): void => guarded(() => instance?.rerender(app()));
  const publisher = createPublisher({
    clock,
    draw,
    isBackedUp: () => terminal.isBackedUp(),
    pulse: () => pulseOf(store.facts(), store.isRunning(), ui.toast, clock.now()),
  });
  const controls = createControls({
    model,
    setUi(next) {
      ui = next;
      publisher.touched();
    },
    operator: () => operator,
    idOf: (key) => store.idOf(key),
    clean,
    edit: async (path) => {
      if (!suspend) throw new Error('there is no terminal to give to an editor');
      await suspend(async () => {
        await (options.runEditor?.(path) ?? runEditor(path, env));
      }).finally(() => {
        terminal.prepare();
      });
    },
    write: (text) => void stdout.write(text),
    quitEarly: options.onEarlyQuit,
  });
  const onKeys = (names: readonly string[]): void =>
    guarded(() => {
      for (const name of names) handleKey(name, controls);
    });
  const onPaste = (text: string): void => guarded(() => handlePaste(text, controls));
  const onReady = (given: Suspend): void => {
    suspend = given;
  };
  const app = (): ReturnType<typeof createElement> =>
    createElement(App, { rows: frameOf(model()).map(paint), onKeys, onPaste, onReady });
  const onResize = (): void => publisher.touched();

  terminal.prepare();
  const forgetExit = options.onExit(() => terminal.writeNow(restoreSequence));
  instance = render(app(), {
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
  stdout.on('resize', onResize);
  // A component that throws unmounts everything; the error comes out here.
  instance.waitUntilExit().catch(fail);

  return {
    show: (event) =>
      guarded(() => {
        const isShown = store.apply(event);
        if (endsRun(event) && operator) store.setHistory(operator.history());
        if (isShown) publisher.changed();
      }),
    attach(given) {
      operator = given;
      guarded(() => {
        store.setReady();
        store.setHistory(given.history());
        publisher.changed();
      });
      pollQueues({
        clock,
        operator: given,
        isWatched: () => placeOf(ui).screen === 'queues',
        onQueues(queues) {
          if (store.setQueues(queues, clock.now())) publisher.changed();
        },
        signal: closing.signal,
      }).catch(() => {});
    },
    close,
  };

  /** A defect of the screen must not reach the runs. */
  function guarded(work: () => void): void {
    if (closed) return;
    try {
      work();
    } catch (error) {
      fail(error);
    }
  }

  function fail(error: unknown): void {
    if (closed) return;
    void close().then(() => options.onFatal(error));
  }

  async function close(): Promise<void> {
    closed ??= (async () => {
      closing.abort();
      stdout.off('resize', onResize);
      await publisher.close();
      instance?.unmount();
      const flushed = new Promise<true>((resolve) => {
        stdout.write('', () => resolve(true));
      });
      const late = new AbortController();
      const isFlushed = await Promise.race([flushed, clock.sleep(closeMs, late.signal).catch(() => {})]);
      late.abort();
      // What still waits for a terminal that stands still is lost with the process: then the end of it says it again.
      if (isFlushed === true) forgetExit();
    })();
    return await closed;
  }
}

function endsRun({ type }: SluiceEvent): boolean {
  return (
    type === 'run.finished' || type === 'run.failed' || type === 'run.cancelled' || type === 'run.drained'
  );
}
