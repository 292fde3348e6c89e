import type { CliContext } from './context.ts';

/** Resolves with the name of the first signal. */
export function untilSignal({ onSignal }: CliContext): Promise<string> {
  return new Promise((resolve) => {
    const stop = onSignal((name) => {
      stop();
      resolve(name);
    });
  });
}
