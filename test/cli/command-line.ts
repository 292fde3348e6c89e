import { resolve } from 'node:path';
import { systemClock } from '../../src/model/clock.ts';
import type { CliContext } from '../../src/cli/context.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';

export interface CommandLine extends CliContext {
  /** What was printed so far. */
  readonly printed: () => string;
  /** What was told on standard error so far. */
  readonly warned: () => readonly string[];
  /** What a signal does. */
  readonly signal: (name: string) => void;
}

/** A command line in this process: `.env` and the default state folder are in a folder of the test's own. */
export function commandLine(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  root = temporaryFolder(),
): CommandLine {
  let printed = '';
  const warned: string[] = [];
  const listeners = new Set<(name: string) => void>();
  return {
    args,
    env,
    root,
    copies: resolve(import.meta.dirname, '../../state'),
    version: 'test',
    pid: process.pid,
    user: process.getuid?.() ?? 0,
    temporary: temporaryFolder(),
    clock: systemClock,
    print: (text) => (printed += text),
    warn: (message) => void warned.push(message),
    confirm: () => Promise.resolve(undefined),
    onSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    openViews: () =>
      Promise.resolve({
        show: () => {},
        attach: () => {},
        isLent: () => false,
        close: () => Promise.resolve(),
      }),
    printed: () => printed,
    warned: () => warned,
    signal: (name) => {
      for (const listener of listeners) listener(name);
    },
  };
}
