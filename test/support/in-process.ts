import { resolve } from 'node:path';
import { tmpdir } from 'node:os';
import type { CliContext } from '../../src/cli/context.ts';
import { runController, type Wrapping } from '../../src/cli/go.ts';
import { type Clock, systemClock } from '../../src/model/clock.ts';
import type { SluiceEvent } from '../../src/model/events.ts';
import type { Operator } from '../../src/model/operator.ts';

/** The real program in this process, without a terminal. */
export interface InProcess {
  /** What happened since the beginning, in all of its lives. */
  readonly events: SluiceEvent[];
  /** Runs `go`. @returns its exit code */
  go(options?: GoInProcess): Promise<number>;
  /** What a screen would have; only while `go` runs. */
  operator(): Operator;
  /** What a signal does; call it while `go` runs. */
  signal(name: string): void;
}

export interface GoInProcess {
  readonly once?: boolean;
  /** What the program takes for the time; simulators and the queue have the real one. */
  readonly clock?: Clock;
  /** What a twin puts in the place of a part (S24). */
  readonly wrapping?: Wrapping;
}

const copies = resolve(import.meta.dirname, '../../state');

export function openInProcess(folder: string, env: Readonly<Record<string, string>>): InProcess {
  const events: SluiceEvent[] = [];
  const listeners = new Set<(name: string) => void>();
  let operator: Operator | undefined;
  const context: CliContext = {
    args: [],
    env,
    root: folder,
    copies,
    version: 'test',
    pid: 1,
    user: 0,
    temporary: tmpdir(),
    clock: systemClock,
    print: () => {},
    warn: () => {},
    confirm: () => Promise.resolve(undefined),
    onSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    openViews: () =>
      Promise.resolve({
        show: (event) => void events.push(event),
        isLent: () => false,
        attach: (attached) => void (operator = attached),
        close: () => Promise.resolve(),
      }),
  };
  return {
    events,
    async go({ once = false, wrapping, clock = systemClock } = {}) {
      const options = { folder, env, json: false, plain: true, ascii: false, once };
      try {
        return await runController({ ...context, clock }, options, wrapping);
      } finally {
        operator = undefined;
      }
    },
    operator() {
      if (!operator) throw new Error('go does not run');
      return operator;
    },
    signal(name) {
      for (const listener of listeners) listener(name);
    },
  };
}
