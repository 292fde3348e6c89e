import type { Clock } from '../model/clock.ts';

/**
 * Calls `call` soon after a ring: at once when it rested for `restMs`, otherwise once when that rest is over, however
 * often it rang. Never after `signal` aborted.
 * @returns the ring
 */
export function createCoalesced(
  call: () => void,
  restMs: number,
  clock: Clock,
  signal: AbortSignal,
): () => void {
  let pending = false;
  let last = -Infinity;
  return () => {
    if (pending || signal.aborted) return;
    pending = true;
    void callRested();
  };

  async function callRested(): Promise<void> {
    await clock.sleep(Math.max(0, last + restMs - clock.elapsed()), signal).catch(() => undefined);
    if (signal.aborted) return;
    pending = false;
    last = clock.elapsed();
    call();
  }
}
