import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { gzipSync } from 'node:zlib';

export type Reply = (request: IncomingMessage, response: ServerResponse) => void;

export interface ScriptedServer {
  readonly url: URL;
  readonly requests: SeenRequest[];
  /** The most requests that were open at the same moment. */
  busiest(): number;
  /** Connections open now. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** What came of it so far. */
  readonly body: () => string;
}

/** A server on a free loopback port that answers the n-th request with the n-th reply, and the last one for ever. */
export async function startScriptedServer(...replies: readonly Reply[]): Promise<ScriptedServer> {
  const requests: ScriptedServer['requests'] = [];
  let open = 0;
  let busiest = 0;
  const server = createServer((request, response) => {
    const reply = replies[Math.min(requests.length, replies.length - 1)] ?? json({});
    const { method = '', url = '', headers } = request;
    let body = '';
    request.on('data', (piece) => (body += String(piece)));
    requests.push({ method, url, headers, body: () => body });
    open += 1;
    busiest = Math.max(busiest, open);
    response.once('close', () => (open -= 1));
    reply(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: new URL(`http://127.0.0.1:${address.port}/3.0`),
    requests,
    busiest: () => busiest,
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return text(JSON.stringify(body), status, { 'content-type': 'application/json', ...headers });
}

export function text(body: string | Buffer, status = 200, headers: Record<string, string> = {}): Reply {
  return (_request, response) => {
    response.writeHead(status, headers).end(body);
  };
}

export function gzipped(body: string, keep = 1): Reply {
  const packed = gzipSync(body);
  return text(packed.subarray(0, Math.floor(packed.length * keep)), 200, { 'content-encoding': 'gzip' });
}

/** Resets the connection without a word. */
export const reset: Reply = (request) => {
  request.socket.resetAndDestroy();
};

/** Promises more than it sends. */
export function truncated(body: string): Reply {
  return (request, response) => {
    response.writeHead(200, { 'content-length': String(body.length) });
    response.write(body.slice(0, body.length / 2), () => request.socket.destroy());
  };
}

/** Never answers. */
export const hang: Reply = () => undefined;

/** Sends the beginning and then nothing more. */
export const stall: Reply = (_request, response) => {
  response.writeHead(200, { 'content-length': '100' });
  response.write('{"half":');
};

export function slow(reply: Reply, ms: number): Reply {
  return (request, response) => {
    setTimeout(() => reply(request, response), ms);
  };
}
