import type { Toast } from './model.ts';
import type { Facts } from './state/facts.ts';

/** Idle countdowns go in steps of ten seconds, ages in minutes. */
const slowMs = 10_000;

/**
 * What of a frame depends on time alone. While something runs, ends or is down the seconds count; else only the slow
 * countdowns do, so that an idle screen costs nothing.
 */
export function pulseOf(
  { check, quit, down, retry }: Facts,
  isRunning: boolean,
  toast: Toast | undefined,
  now: number,
): string {
  const isToasting = toast !== undefined && toast.until > now;
  const isUrgent =
    isRunning || quit !== undefined || down !== undefined || (retry !== undefined && retry.until > now);
  const beat = isUrgent ? Math.floor(now / 1000) : Math.floor(((check?.next ?? 0) - now) / slowMs);
  return `${isToasting} ${beat} ${Math.floor(now / 60_000)}`;
}
