import type { Clock } from '../../model/clock.ts';
import type { SluiceEvent } from '../../model/events.ts';
import type { Operator } from '../../model/operator.ts';
import { terminalOf, type TerminalOutput } from './async-stdout.ts';
import { type Canvas, openCanvas } from './canvas.ts';
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
  readonly stdin: NodeJS.ReadableStream;
  /** A terminal, or what acts as one. */
  readonly stdout: TerminalOutput;
  readonly redact: (text: string) => string;
  readonly clock: Clock;
  /** NO_COLOR, TERM, VISUAL and EDITOR are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Signs of ASCII only. */
  readonly ascii: boolean;
  /**
   * Calls `restore` at the end of the process, whatever ends it: it puts the terminal back in order at once.
   * @returns takes it back
   */
  readonly onExit: (restore: () => void) => () => void;
  /** The screen broke and is closed; the runs go on. */
  readonly onFatal: (error: unknown) => void;
  /** A quit that was asked for before there is an operator. */
  readonly onEarlyQuit?: (by: string) => void;
  /** Opens a file in an editor that has the terminal to itself; by default `$VISUAL`, `$EDITOR` or `vi`. */
  readonly runEditor?: (path: string) => Promise<void>;
}

/** How many dead letters the screen lists; the command lists all. */
const shownLetters = 500;

/** The screen of a running controller. */
export interface Screen {
  /** Never throws, never waits: frames are drawn at most 4 times a second, and none while the terminal is behind. */
  show(event: SluiceEvent): void;
  /** From now on keys have somebody to ask. */
  attach(operator: Operator): void;
  /** An editor has the terminal: an interrupt is meant for it. */
  isLent(): boolean;
  /** Gives the terminal back as it was. Safe to call twice. */
  close(): Promise<void>;
}

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
  let canvas: Canvas | undefined;
  let isHistoryOld = false;
  let areLettersOld = false;
  let letter: number | undefined;
  let closed: Promise<void> | undefined;

  const model = (): Model => {
    const now = clock.now();
    if (isHistoryOld && operator) store.setHistory(operator.history());
    isHistoryOld = false;
    if (operator) readLetters(operator.letters);
    return { now, size: terminal.size(), glyphs, data: store.view(now), ui };
  };
  const publisher = createPublisher({
    clock,
    draw: () => guarded(() => canvas?.draw()),
    isBackedUp: () => terminal.isBackedUp(),
    pulse: () => pulseOf(store.facts(), store.isRunning(), ui.toast, clock.now()),
  });
  const redraw = (): void => {
    canvas?.spoil();
    publisher.touched();
  };
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
      await canvas
        ?.lend(async () => await (options.runEditor?.(path) ?? runEditor(path, env)))
        .finally(redraw);
    },
    write: (text) => void stdout.write(text),
    redraw,
    quitEarly: options.onEarlyQuit,
  });

  canvas = openCanvas({
    stdin,
    stdout,
    terminal,
    clock,
    rows: () => frameOf(model()).map(paint),
    onKeys: (names) =>
      guarded(() => {
        for (const name of names) handleKey(name, controls);
      }),
    onPaste: (text) => guarded(() => handlePaste(text, controls)),
    onExit: options.onExit,
    onBroken: fail,
  });
  stdout.on('resize', redraw);
  // The first second has much to tell.
  publisher.touched();

  return {
    show: (event) =>
      guarded(() => {
        const isShown = store.apply(event);
        isHistoryOld ||= movesHistory(event);
        areLettersOld ||= event.type === 'record.dead' || event.type === 'letters.changed';
        if (isShown || areLettersOld) publisher.changed();
      }),
    attach(given) {
      operator = given;
      isHistoryOld = true;
      areLettersOld = true;
      guarded(() => {
        store.setReady();
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
    isLent: () => canvas?.isLent() ?? false,
    close,
  };

  function readLetters(book: Operator['letters']): void {
    const { letter: wanted } = placeOf(ui);
    if (areLettersOld) store.setLetters(book.counts(), book.list({}, shownLetters));
    if (areLettersOld || wanted !== letter)
      store.setLetter(wanted === undefined ? undefined : book.show(wanted));
    areLettersOld = false;
    letter = wanted;
  }

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
    void (async () => {
      await close();
      options.onFatal(error);
    })();
  }

  async function close(): Promise<void> {
    closed ??= (async () => {
      closing.abort();
      stdout.off('resize', redraw);
      await publisher.close();
      await canvas?.close();
    })();
    return await closed;
  }
}

/** Whether the history reads otherwise now. */
function movesHistory({ type }: SluiceEvent): boolean {
  return (
    type === 'run.started' ||
    type === 'run.finished' ||
    type === 'run.failed' ||
    type === 'run.cancelled' ||
    type === 'run.drained'
  );
}
