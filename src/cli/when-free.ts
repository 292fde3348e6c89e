import { LockedError } from '../model/errors.ts';
import type { CliContext } from './context.ts';

/** How long `go` and commands wait for another process that holds the folder (S18). */
export const lockWaitMs = 5000;
const lookMs = 100;
/** Commands hold it for a moment, which nobody needs to hear of. */
const tellAfterMs = 1000;

/**
 * Does what needs a folder for itself as soon as nobody else holds it. Ctrl-C is heard meanwhile, which a wait inside of
 * SQLite would not let through; who has to wait for longer than a second is told for whom.
 * @param attempt throws a LockedError while somebody else holds the folder
 * @param signal ends the waiting, with an AbortError
 * @throws LockedError when it is still held after 5 s, and what `attempt` throws
 */
export async function whenFree<T>(
  { clock, warn }: Pick<CliContext, 'clock' | 'warn'>,
  attempt: () => T | Promise<T>,
  signal: AbortSignal = AbortSignal.timeout(2 * lockWaitMs),
): Promise<T> {
  const began = clock.elapsed();
  let isTold = false;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const waitedMs = clock.elapsed() - began;
      if (!(error instanceof LockedError) || waitedMs >= lockWaitMs) throw error;
      if (!isTold && waitedMs >= tellAfterMs) {
        isTold = true;
        warn(`${error.message}; waiting for it, ${lockWaitMs / 1000} s at most`);
      }
    }
    await clock.sleep(lookMs, signal);
  }
}
