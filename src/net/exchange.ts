import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Dispatcher, request } from 'undici';

/** What came back on one request, whatever its status. */
export interface Exchange {
  readonly status: number;
  /** Names in lower case; values of a repeated header joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed. */
  readonly body: Buffer;
  /** Bytes of the body as received. */
  readonly received: number;
}

export interface ExchangeRequest {
  readonly dispatcher: Dispatcher;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON for a POST; without it the request is a GET. */
  readonly body: string | undefined;
  readonly signal: AbortSignal;
  /** The most bytes of a body, compressed or not. */
  readonly maxBytes: number;
}

/** A body of more bytes than were allowed. */
export class TooLargeError extends Error {}

const unzip = promisify(gunzip);

/**
 * Sends one request and reads the whole answer. Redirects are not followed: a credential goes to no other host.
 * Rejects with what undici or zlib throws (reset, cut-off and hanging answers), or a TooLargeError.
 */
export async function exchange(url: URL, options: ExchangeRequest): Promise<Exchange> {
  const { dispatcher, signal, maxBytes } = options;
  const method = options.body === undefined ? 'GET' : 'POST';
  const response = await request(url, {
    dispatcher,
    signal,
    method,
    body: options.body ?? null,
    headers: {
      ...options.headers,
      'accept-encoding': 'gzip',
      ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
    },
    // One deadline for the whole attempt is the caller's; between two pieces of a body 30 s is already a dead peer.
    headersTimeout: 0,
    bodyTimeout: 30_000,
  });
  const headers = flatten(response.headers);
  const raw = await readAll(response.body, maxBytes);
  const body = await decompress(raw, headers['content-encoding'], maxBytes);
  return { status: response.statusCode, headers, body, received: raw.length };
}

// Leaving the loop early destroys the body and with it the connection.
async function readAll(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > maxBytes) throw new TooLargeError(`an answer of more than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}

async function decompress(raw: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity' || raw.length === 0) return raw;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') throw new Error('an encoding that was not asked for');
  try {
    return await unzip(raw, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw new TooLargeError(`an answer of more than ${maxBytes} bytes`);
    throw error;
  }
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
