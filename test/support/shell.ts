import { afterAll, beforeAll } from 'vitest';
import { installProgram, type Program } from './program.ts';
import { hasRedis, startRedis, type TestRedis } from './redis.ts';

/** The real program and a queue for it, for the tests of one file. */
export interface Shell {
  readonly program: Program;
  /** QUEUE_URL of the quickest queue there is here. */
  readonly queue: string;
  /** What is to be closed at the end, in the order in which it was opened. */
  readonly opened: (() => unknown)[];
}

/** Call it at the top of a test file: it opens before all of its tests, and closes behind them. */
export function openShell(): Shell {
  let program: Program | undefined;
  let redis: TestRedis | undefined;
  const opened: (() => unknown)[] = [];
  beforeAll(async () => {
    program = installProgram();
    if (hasRedis()) redis = await startRedis();
  });
  afterAll(async () => {
    program?.close();
    for (const close of opened) await close();
    await redis?.stop();
  });
  return {
    opened,
    get program() {
      if (!program) throw new Error('the program is not installed before the tests begin');
      return program;
    },
    get queue() {
      return redis?.url ?? 'embedded:';
    },
  };
}
