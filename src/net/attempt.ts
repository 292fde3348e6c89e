import { setImmediate as turn } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { Clock } from '../model/clock.ts';
import type { SluiceError } from '../model/errors.ts';
import { retryAfterMs } from './backoff.ts';
import { withDeadline } from './deadline.ts';
import { type Exchange, exchange } from './exchange.ts';
import { parseHttpDate } from './http-date.ts';
import type { Answer, RequestOptions } from './request.ts';
import type { Attempt } from './traffic.ts';
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

/** A request as it is sent; with a body of JSON it is a POST. */
export type AttemptRequest = RequestOptions & { readonly body?: string | undefined };

/** One attempt, the `number`th, after a pause: under the quota, within the deadline. Rejects only with an AbortError. */
export async function attempt(
  url: URL,
  request: AttemptRequest,
  { clock, dispatcher }: { readonly clock: Clock; readonly dispatcher: Dispatcher },
  { number, pausedMs }: Pick<Attempt, 'number' | 'pausedMs'>,
): Promise<Outcome> {
  const { quota, signal, headers = {}, body, deadlineMs = 120_000, maxBytes = 64 * 1024 * 1024 } = request;
  const asked = clock.elapsed();
  const giveBack = await quota.acquire(signal);
  const started = clock.elapsed();
  const quotaMs = started - asked;
  let result: Exchange | undefined;
  try {
    result = await withDeadline(signal, deadlineMs, (attemptSignal) =>
      exchange(url, { dispatcher, headers, body, signal: attemptSignal, maxBytes }),
    );
  } catch (error) {
    if (signal.aborted) throw error;
    const verdict = judgeFailure(error, url.host);
    return verdict.kind === 'hopeless' ? verdict : { ...verdict, askedMs: undefined, cause: error };
  } finally {
    giveBack();
    const ms = clock.elapsed() - started;
    const { status, received: bytes = 0 } = result ?? {};
    request.onAttempt?.({ host: url.host, status, bytes, ms, number, quotaMs, pausedMs });
  }
  if (request.onBody && result.status === 200) {
    request.onBody();
    // The next request goes out before a megabyte of JSON holds up the event loop.
    await turn();
  }
  return judge(result, { host: url.host, clock, bareForbidden: request.bareForbidden ?? 'overload' });
}

function judge(
  result: Exchange,
  context: {
    readonly host: string;
    readonly clock: Clock;
    readonly bareForbidden: 'overload' | 'final';
  },
): Outcome {
  const { status, headers, body } = result;
  const received = context.clock.now();
  const verdict = judgeAnswer(result, context);
  const date = parseHttpDate(headers['date'] ?? '');
  if (verdict.kind === 'final') {
    const answer = { status, headers, json: verdict.json, bytes: body.length, date, received };
    return { kind: 'answer', answer };
  }
  const askedMs = retryAfterMs(headers['retry-after'], { serverMs: date, localMs: received });
  return { ...verdict, askedMs, cause: undefined };
}
