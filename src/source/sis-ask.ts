import { SourceError, isAbort } from '../model/errors.ts';
import type { HttpClient } from '../net/client.ts';
import type { Quotas } from '../net/quota.ts';
import { createRedactor } from '../net/redact.ts';
import type { Answer } from '../net/request.ts';
import { validUntil } from '../net/tls.ts';
import type { Attempt } from '../net/traffic.ts';
import { outage, refusal } from './refusal.ts';
import type { SisAuth } from './sis-auth.ts';

/** Where SISU is and how it is asked. */
export interface SisConnection {
  /** Without a slash at its end; the paths of the APIs follow. */
  readonly base: URL;
  /** The setting the address came from, for hints. */
  readonly baseSetting: string;
  readonly auth: SisAuth;
  /** Certificates to trust besides this machine's, as PEM. */
  readonly ca?: string | undefined;
  readonly client: HttpClient;
  readonly quotas: Quotas;
  /** Told about every request, retries too. */
  readonly onAttempt?: ((attempt: Attempt) => void) | undefined;
}

export interface SisRequest {
  /** Begins with a slash, query included. */
  readonly path: string;
  /** With it the request is a POST. */
  readonly json?: unknown;
  readonly onBody?: (() => void) | undefined;
}

/**
 * One question to SISU; resolves with an answer of status 200.
 * Rejects with a SourceError: `source.unauthorized`, `.forbidden`, `.not_found`, `.rejected`, `.unexpected`,
 * `.unavailable`, `.too_large`, `.certificate`, `.client_certificate`; or with an AbortError. No secret appears in them.
 */
export type SisAsk = (request: SisRequest, signal: AbortSignal) => Promise<Answer>;

// As long as Funidata's own client waits for a page (apis.md 3.5).
const deadlineMs = 600_000;

export function createSisAsk(connection: SisConnection): SisAsk {
  const { base, auth, ca, client, quotas, onAttempt } = connection;
  const tls = ca === undefined && auth.client === undefined ? undefined : { ca, client: auth.client };
  const quota = quotas.quotaFor(base.host, auth.secrets.join(' '), tls);
  const redact = createRedactor(auth.secrets);
  const headers = { ...auth.headers, accept: 'application/json' };

  return async ({ path, json, onBody }, signal) => {
    const url = new URL(`${base.href.replace(/\/$/, '')}${path}`);
    // A service that may not be read says so with or without a body, and must not hold up those that may.
    const bareForbidden = 'final' as const;
    const options = { quota, signal, headers, deadlineMs, bareForbidden, onBody, onAttempt };
    const asking = json === undefined ? client.get(url, options) : client.post(url, json, options);
    const answer = await asking.catch((thrown: unknown) => {
      throw isAbort(thrown) ? thrown : advised(outage(thrown), connection);
    });
    if (answer.status === 200) return answer;
    throw refusal(answer, { ...words(connection, url), redact });
  };
}

function words({ base, baseSetting, auth }: SisConnection, url: URL) {
  return {
    system: 'SISU',
    credential: 'the credentials',
    notFound: `there is nothing at ${url.pathname} of ${base.host}`,
    hints: {
      unauthorized: auth.advice,
      forbidden: `ask those who run SISU for the right to read ${url.pathname}; it is tried again later`,
      notFound: () => `check ${baseSetting}, which is the address without /ori/api and the like`,
      unexpected: `check ${baseSetting}`,
    },
  };
}

/** With the names of SISU's settings, which the HTTP client does not know. */
function advised(error: SourceError, { auth }: SisConnection): SourceError {
  const { message, code, recovery, hint = '', cause } = error;
  const more = advice(error, auth);
  return more === undefined
    ? error
    : new SourceError(message, { code, recovery, hint: `${hint}; ${more}`, cause });
}

function advice({ code, cause }: SourceError, { client }: SisAuth): string | undefined {
  if (code === 'source.certificate') return 'SIS_CA_PATH can name a file of certificates to trust as well';
  const shown = client && `KEY_PATH and CERT_PATH name them, valid until ${validUntil(client.cert)}`;
  if (code === 'source.client_certificate') {
    return shown ?? 'none was sent: KEY_PATH and CERT_PATH name one, used where SIS_API_USER is not set';
  }
  // In TLS 1.3 the other side refuses a certificate after the connection stands, and often just by breaking it.
  const broke = code === 'source.unavailable' && cause !== undefined;
  return broke && shown ? `a refused client certificate looks like this too: ${shown}` : undefined;
}
