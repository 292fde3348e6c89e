import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { asSluiceError, SettingError } from '../model/errors.ts';
import type { SocketPath } from './socket-path.ts';

/** Answers one path: takes the query, gives what becomes JSON, or a promise of it. A rejection becomes an error answer. */
export type Route = (query: URLSearchParams, signal: AbortSignal) => unknown;

export interface ControlServer {
  /** Idempotent; ends open requests. */
  close(): Promise<void>;
}

/** An answer that takes longer than this is not to be had. */
const answerMs = 10_000;

/**
 * Serves the control socket of a running controller (S22): HTTP on a unix socket, mode 0600.
 * The caller holds the state folder's lock, so a socket that lies there is a dead one's.
 * @param routes by path, all of them GET: `/status`
 */
export async function serveControl(
  at: SocketPath,
  routes: Readonly<Record<string, Route>>,
): Promise<ControlServer> {
  if (at.folder !== undefined) makePrivate(at.folder, at.user);
  rmSync(at.path, { force: true });
  const server = createServer((request, response) => void answer(request, response, routes));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.path, resolve);
  });
  chmodSync(at.path, 0o600);
  return {
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(at.path, { force: true });
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: Readonly<Record<string, Route>>,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://control');
  const route = Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined;
  if (!route || request.method !== 'GET') {
    return send(response, 404, { message: `nothing at ${url.pathname}`, code: 'control.unknown' });
  }
  try {
    send(response, 200, await route(url.searchParams, AbortSignal.timeout(answerMs)));
  } catch (thrown) {
    const { message, code, hint } = asSluiceError(thrown);
    send(response, 500, { message, code, hint });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** In a shared temporary folder somebody else may have been first. */
function makePrivate(folder: string, user: number): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== user) {
    throw new SettingError(
      `${folder} belongs to somebody else`,
      'remove it, or give the state folder a shorter path',
    );
  }
  chmodSync(folder, 0o700);
}
