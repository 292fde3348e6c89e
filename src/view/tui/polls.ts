import type { Clock } from '../../model/clock.ts';
import type { Operator } from '../../model/operator.ts';

export interface PollsOptions {
  readonly clock: Clock;
  readonly operator: Operator;
  /** Whether somebody looks at the queues. */
  readonly isWatched: () => boolean;
  readonly onQueues: (queues: Awaited<ReturnType<Operator['queues']>>) => void;
  readonly signal: AbortSignal;
}

/** The queues are looked at every 2 s while somebody looks at them, else every 10 s: it costs the store a few queries. */
const watchedMs = 2000;
const restMs = 10_000;
const stepMs = 1000;

/** Looks at the queues again and again until `signal` aborts; the next look begins only when the last one has ended. */
export async function pollQueues({
  clock,
  operator,
  isWatched,
  onQueues,
  signal,
}: PollsOptions): Promise<void> {
  while (!signal.aborted) {
    onQueues(await operator.queues());
    const from = clock.elapsed();
    while (clock.elapsed() - from < (isWatched() ? watchedMs : restMs)) await clock.sleep(stepMs, signal);
  }
}
