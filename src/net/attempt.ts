import { setImmediate as turn } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { Clock } from '../model/clock.ts';
import type { SluiceError } from '../model/errors.ts';
import { retryAfterMs } from './backoff.ts';
import { withDeadline } from './deadline.ts';
import { type Exchange, exchange } from './exchange.ts';
import { parseHttpDate } from './http-date.ts';
import type { Answer, GetOptions } from './request.ts';
import { type Again, judgeAnswer, judgeFailure } from './verdict.ts';

/** How one attempt ended. */
export type Outcome =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'hopeless'; readonly error: SluiceError }
  | (Again & {
      /** What the server's Retry-After asked for. */
      readonly askedMs: number | undefined;
      readonly cause: unknown;
    });

/** One attempt: under the quota, within the deadline. Rejects only with an AbortError. */
export async function attempt(
  url: URL,
  request: GetOptions,
  { clock, dispatcher }: { readonly clock: Clock; readonly dispatcher: Dispatcher },
): Promise<Outcome> {
  const { quota, signal, headers = {}, deadlineMs = 120_000, maxBytes = 64 * 1024 * 1024 } = request;
  const giveBack = await quota.acquire(signal);
  const started = clock.elapsed();
  let result: Exchange | undefined;
  try {
    result = await withDeadline(signal, deadlineMs, (attemptSignal) =>
      exchange(url, { dispatcher, headers, signal: attemptSignal, maxBytes }),
    );
  } catch (error) {
    if (signal.aborted) throw error;
    const verdict = judgeFailure(error, url.host);
    return verdict.kind === 'hopeless' ? verdict : { ...verdict, askedMs: undefined, cause: error };
  } finally {
    giveBack();
    const ms = clock.elapsed() - started;
    request.onAttempt?.({ host: url.host, status: result?.status, bytes: result?.received ?? 0, ms });
  }
  if (request.onBody && result.status === 200) {
    request.onBody();
    // The next request goes out before a megabyte of JSON holds up the event loop.
    await turn();
  }
  return judge(result, url.host, clock);
}

function judge(result: Exchange, host: string, clock: Clock): Outcome {
  const { status, headers, body } = result;
  const verdict = judgeAnswer(result, host);
  const date = parseHttpDate(headers['date'] ?? '');
  if (verdict.kind === 'final') {
    return { kind: 'answer', answer: { status, headers, json: verdict.json, bytes: body.length, date } };
  }
  const askedMs = retryAfterMs(headers['retry-after'], { serverMs: date, localMs: clock.now() });
  return { ...verdict, askedMs, cause: undefined };
}
