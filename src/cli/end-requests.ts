import type { CliContext } from './context.ts';

/** A person's requests to end: the first asks, the second forces (invariant 6). */
export interface EndRequests {
  /** Each resolves with the name of its signal. */
  readonly first: Promise<string>;
  readonly second: Promise<string>;
  readonly stop: () => void;
}

/** Listens from now on. */
export function createEndRequests({ onSignal }: Pick<CliContext, 'onSignal'>): EndRequests {
  const first = Promise.withResolvers<string>();
  const second = Promise.withResolvers<string>();
  let requests = 0;
  const stop = onSignal((name) => {
    requests += 1;
    (requests === 1 ? first : second).resolve(name);
  });
  return { first: first.promise, second: second.promise, stop };
}
