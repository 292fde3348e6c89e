import type { SecureContext } from 'node:tls';
import { Agent } from 'undici';
import type { Clock } from '../model/clock.ts';
import { SluiceError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import { type AttemptRequest, type Outcome, attempt } from './attempt.ts';
import { backoffMs } from './backoff.ts';
import { withSignals } from './deadline.ts';
import type { Quota } from './quota.ts';
import type { Answer, RequestOptions } from './request.ts';
import { type TlsOptions, createSecure } from './tls.ts';

export interface HttpClient {
  /**
   * Asks for JSON until it gets an answer that means something, or `attempts` are used up.
   * Tried again: network errors, 408, 425, 429, 5xx, 403 without JSON (unless it is said to be final), cut-off bodies,
   * and 2xx that is not JSON, after a back-off or the server's Retry-After in full, whichever is longer; each wait is told as `source.retry`.
   * A 429 or a Retry-After makes every user of the quota wait. No place of the quota is held while waiting.
   * Every other status comes back as it is, redirects too.
   * Rejects with a SluiceError (`net.unavailable`, `net.certificate` with recovery `retry`; `net.too_large`,
   * `net.client_certificate` with `config`) or an AbortError. No header or query appears in an error.
   */
  get(url: URL, options: RequestOptions): Promise<Answer>;
  /** The same for a POST of `json`, which is sent again with every attempt: for questions, not for changes. */
  post(url: URL, json: unknown, options: RequestOptions): Promise<Answer>;
  /** Ends all calls under way or waiting (they reject with an AbortError) and closes the connections. Idempotent. */
  close(): Promise<void>;
}

export interface HttpClientOptions {
  readonly clock: Clock;
  /** 0 <= x < 1. */
  readonly random: () => number;
  readonly emit: Emit;
  /** 10 s by default. */
  readonly connectTimeoutMs?: number;
}

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { clock, random, emit, connectTimeoutMs = 10_000 } = options;
  const closing = new AbortController();
  // One agent a quota: as many connections as it has places, so the other side never counts an idle one too many.
  const agents = new Map<Quota, Agent>();

  function agentFor(quota: Quota): Agent {
    const agent = agents.get(quota) ?? createAgent(quota, connectTimeoutMs);
    agents.set(quota, agent);
    return agent;
  }

  async function ask(url: URL, request: AttemptRequest, signal: AbortSignal): Promise<Answer> {
    const { quota, attempts = 6 } = request;
    const tools = { clock, dispatcher: agentFor(quota) };
    for (let number = 1, pausedMs = 0; ; number += 1) {
      const outcome = await attempt(url, { ...request, signal }, tools, { number, pausedMs });
      if (outcome.kind === 'answer') return outcome.answer;
      if (outcome.kind === 'hopeless') throw outcome.error;
      const { reason, askedMs, overload } = outcome;
      const waitMs = Math.max(askedMs ?? 0, backoffMs(number, random));
      // Even when this caller gives up now: the other users of the quota have to wait.
      if (overload || askedMs !== undefined) quota.blockFor(waitMs);
      if (number >= attempts) throw unavailable(url.host, attempts, outcome);
      emit({ type: 'source.retry', host: url.host, reason, attempt: number, waitMs });
      await clock.sleep(waitMs, signal);
      pausedMs = waitMs;
    }
  }

  const send = (url: URL, request: AttemptRequest): Promise<Answer> =>
    withSignals([request.signal, closing.signal], (signal) => ask(url, request, signal));

  return {
    get: send,
    post: (url, json, request) => send(url, { ...request, body: JSON.stringify(json) }),
    async close() {
      closing.abort();
      const open = [...agents.values()];
      agents.clear();
      await Promise.all(open.map((agent) => agent.destroy()));
    },
  };
}

function createAgent({ limit, tls }: Quota, connectTimeout: number): Agent {
  return new Agent({
    connections: limit,
    connectTimeout,
    allowH2: false,
    pipelining: 1,
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED in somebody's environment changes nothing.
    connect: { rejectUnauthorized: true, ...secure(tls) },
  });
}

function secure(tls: TlsOptions | undefined): { secureContext?: SecureContext } {
  return tls === undefined ? {} : { secureContext: createSecure(tls) };
}

function unavailable(
  host: string,
  attempts: number,
  { reason, cause }: Extract<Outcome, { kind: 'again' }>,
): SluiceError {
  const what = attempts === 1 ? 'one attempt failed' : `${attempts} attempts failed, the last one`;
  return new SluiceError(`${what} with: ${reason}`, {
    code: 'net.unavailable',
    recovery: 'retry',
    hint: `it is tried again later; if it lasts, check the network and whether ${host} is up`,
    cause,
  });
}
