import { SluiceError } from '../model/errors.ts';
import type { Exchange } from './exchange.ts';
import { TooLargeError } from './exchange.ts';
import { printable } from './printable.ts';

/** Worth another attempt. `overload`: the other side says that all of this quota's users ask too much. */
export interface Again {
  readonly kind: 'again';
  readonly reason: string;
  readonly overload: boolean;
}

/**
 * Judges an answer that came back complete. An answer is final when the server understood the request, which for a
 * status of 200 to 299 takes a body of JSON: a proxy's page of HTML under status 200 is an outage.
 * Where a 403 without JSON means overload it is as good as a 429.
 */
export function judgeAnswer(
  { status, body }: Exchange,
  { host, bareForbidden }: { readonly host: string; readonly bareForbidden: 'overload' | 'final' },
): Again | { readonly kind: 'final'; readonly json: unknown } {
  const json = parseJson(body);
  const refusedByEdge = status === 403 && json === undefined && bareForbidden === 'overload';
  const overload = status === 429 || refusedByEdge;
  if (overload || status === 408 || status === 425 || status >= 500) {
    return { kind: 'again', reason: `${status} from ${host}`, overload };
  }
  if (status >= 200 && status < 300 && json === undefined) {
    return { kind: 'again', reason: `an answer that is not JSON (${status}) from ${host}`, overload };
  }
  return { kind: 'final', json };
}

/** Judges an attempt that ended in a throw other than the caller's abort. */
export function judgeFailure(
  thrown: unknown,
  host: string,
): Again | { readonly kind: 'hopeless'; readonly error: SluiceError } {
  const code = codeOf(thrown);
  if (thrown instanceof TooLargeError) return { kind: 'hopeless', error: tooLarge(thrown, host) };
  if (isRefusedCertificate(code)) return { kind: 'hopeless', error: refusedCertificate(code, thrown, host) };
  if (isCertificateProblem(code)) return { kind: 'hopeless', error: untrusted(code, thrown, host) };
  return { kind: 'again', reason: describe(thrown, code, host), overload: false };
}

function tooLarge(cause: TooLargeError, host: string): SluiceError {
  const hint = 'ask for fewer records at a time: lower "items_per_request"';
  return new SluiceError(`${cause.message} from ${host}`, {
    code: 'net.too_large',
    recovery: 'config',
    hint,
    cause,
  });
}

// Not retried at once, a certificate does not mend itself in a minute; the entry comes back to it by itself.
function untrusted(code: string, cause: unknown, host: string): SluiceError {
  const hint = `check the address, the clock of this machine and its trusted certificates (${code})`;
  return new SluiceError(`${host} could not prove who it is`, {
    code: 'net.certificate',
    recovery: 'retry',
    hint,
    cause,
  });
}

function refusedCertificate(code: string, cause: unknown, host: string): SluiceError {
  const hint = `check the client certificate and its key: what they are for, who signed them, when they end (${code})`;
  return new SluiceError(`${host} does not accept our client certificate, or misses one`, {
    code: 'net.client_certificate',
    recovery: 'config',
    hint,
    cause,
  });
}

// Fatal, because lenient decoding of broken UTF-8 would quietly change people's names.
function parseJson(body: Buffer): unknown {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return json;
  } catch {
    return undefined;
  }
}

function describe(thrown: unknown, code: string, host: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `connection refused by ${host}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `no address found for ${host} (${code})`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return `connection broken by ${host}`;
    case 'UND_ERR_CONNECT_TIMEOUT':
      return `no connection to ${host} in time`;
    case 'UND_ERR_BODY_TIMEOUT':
      return `an answer that stopped half way from ${host}`;
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
    case 'Z_BUF_ERROR':
    case 'Z_DATA_ERROR':
      return `a cut-off answer from ${host}`;
    default:
      if (code.startsWith('ERR_SSL_')) return `no secure connection with ${host} (${code})`;
      return `${thrown instanceof Error ? printable(thrown.message, 120) : 'a failure'} from ${host}`;
  }
}

function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error) || !('code' in thrown)) return '';
  return typeof thrown.code === 'string' ? thrown.code : '';
}

// The other side's alerts about what we showed, by their names in OpenSSL: bad, unsupported, revoked, expired or
// unknown certificate, unknown CA, certificate required.
function isRefusedCertificate(code: string): boolean {
  return /^ERR_SSL_.*ALERT_.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/.test(code);
}

function isCertificateProblem(code: string): boolean {
  return /CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|^ERR_TLS_/.test(code);
}
