import { PassThrough } from 'node:stream';
import { Terminal } from '@xterm/headless';
import type { TerminalOutput } from '../../../src/view/tui/async-stdout.ts';
import { until } from '../../support/until.ts';

/** A terminal inside the test: what is written to it is drawn into cells, what is typed comes out of its input. */
export interface VirtualTerminal {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: TerminalOutput;
  /** The rows as one sees them, without trailing blanks. */
  readonly rows: () => readonly string[];
  /** Waits until a row has this in it. */
  readonly shows: (text: string | RegExp) => Promise<void>;
  readonly type: (text: string) => void;
  readonly resize: (columns: number, rows: number) => void;
  /** Everything written since the last call. */
  readonly written: () => string;
  readonly isOnAlternateScreen: () => boolean;
  readonly isCursorHidden: () => boolean;
  readonly isRaw: () => boolean;
  /** While it is, nothing that is written arrives. */
  stalled: boolean;
}

export function createVirtualTerminal(columns: number, rows: number): VirtualTerminal {
  const screen = new Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  let text = '';
  let raw = false;
  let cursorHidden = false;
  let waiting: (() => void)[] = [];
  const out = new PassThrough();
  const terminal = {
    stalled: false,
    rows: () =>
      Array.from({ length: screen.rows }, (_, row) =>
        (
          screen.buffer.active
            .getLine(screen.buffer.active.viewportY + row)
            ?.translateToString(true, 0, screen.cols) ?? ''
        ).trimEnd(),
      ),
  };
  out.on('data', (chunk: Buffer) => {
    const piece = chunk.toString();
    text += piece;
    for (const [, what] of piece.matchAll(/\[\?25([hl])/g)) cursorHidden = what === 'l';
    screen.write(piece);
    if (!terminal.stalled) return;
    out.pause();
    waiting.push(() => out.resume());
  });
  // What a terminal has beyond a stream, and all that Ink asks of it.
  const stdout = Object.assign(out, { isTTY: true, columns, rows });
  const keys = new PassThrough();
  const stdin = Object.assign(keys, {
    isTTY: true,
    setRawMode(mode: boolean) {
      raw = mode;
      return keys;
    },
    ref: () => keys,
    unref: () => keys,
  });

  return Object.assign(terminal, {
    stdin,
    stdout,
    async shows(wanted: string | RegExp) {
      const isThere = (): boolean =>
        terminal.rows().some((row) => (typeof wanted === 'string' ? row.includes(wanted) : wanted.test(row)));
      await until(isThere, { ms: 5000, what: `a row with ${String(wanted)}` }).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${terminal.rows().join('\n')}`, { cause: error });
      });
    },
    type: (input: string) => void keys.write(input),
    resize(toColumns: number, toRows: number) {
      screen.resize(toColumns, toRows);
      Object.assign(stdout, { columns: toColumns, rows: toRows });
      out.emit('resize');
      for (const go of waiting) go();
      waiting = [];
    },
    written() {
      const all = text;
      text = '';
      return all;
    },
    isOnAlternateScreen: () => screen.buffer.active.type === 'alternate',
    isCursorHidden: () => cursorHidden,
    isRaw: () => raw,
  });
}
