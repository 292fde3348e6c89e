import type { Clock } from '../model/clock.ts';
import { asSluiceError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import type { RunStore } from '../store/runs.ts';

const dayMs = 86_400_000;
/** How long finished runs are kept. */
const historyMs = 90 * dayMs;

/** Forgets old runs now and once a day: a controller may be up for months. Ends, without a throw, when `signal` aborts. */
export async function keepHistory(
  runs: Pick<RunStore, 'prune'>,
  { clock, emit }: { readonly clock: Clock; readonly emit: Emit },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      runs.prune(clock.now() - historyMs);
    } catch (error) {
      const message = `old runs could not be removed from sluice.db, tried again in a day: ${asSluiceError(error).message}`;
      emit({ type: 'notice', level: 'warn', topic: 'state', message });
    }
    await clock.sleep(dayMs, signal).catch(() => {});
  }
}
