import { parseHttpDate } from './http-date.ts';

const baseMs = 1000;
const capMs = 60_000;

/**
 * How long to wait after failed attempt number `attempt` (from 1): a random part of 1 s, 2 s, 4 s ... 60 s.
 * The whole span is random ("full jitter"), so that clients which failed together do not come back together.
 * `random` gives 0 <= x < 1.
 */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** (attempt - 1)));
}

/**
 * A Retry-After header as a wait in milliseconds, whichever of its two forms it has (RFC 9110, 10.2.3).
 * A date counts from the server's own `Date` where it sent one, so that a wrong clock on either side does not matter.
 * Undefined when the header is absent or neither form; never negative, and never shortened.
 */
export function retryAfterMs(
  header: string | undefined,
  now: { readonly serverMs: number | undefined; readonly localMs: number },
): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  const date = parseHttpDate(text);
  return date === undefined ? undefined : Math.max(0, date - (now.serverMs ?? now.localMs));
}
