import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { asSluiceError, SluiceError } from '../model/errors.ts';
import { makePrivate } from './private-folder.ts';
import type { SocketPath } from './socket-path.ts';

/** Answers one path: takes the query, gives what becomes JSON, or a promise of it. A rejection becomes an error answer. */
export type Route = (query: URLSearchParams, signal: AbortSignal) => unknown;

export type Routes = Readonly<Record<string, Route>>;

export interface ControlServer {
  /** Idempotent; ends open requests. */
  close(): Promise<void>;
}

/** An answer that takes longer than this is not to be had. */
const longestMs = 10_000;

/**
 * Serves the control socket of a running controller (S22): HTTP on a unix socket, mode 0600.
 * The caller holds the state folder's lock, so a socket that lies there is a dead one's.
 * @param routes by path, all of them GET: `/status`
 * @throws SettingError when the private folder is somebody else's, or what listening throws
 */
export async function serveControl(
  at: SocketPath,
  routes: Routes,
  answerMs = longestMs,
): Promise<ControlServer> {
  if (at.folder !== undefined) makePrivate(at.folder, at.user);
  rmSync(at.path, { force: true });
  const server = createServer((request, response) => void answer(request, response, routes, answerMs));
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

/** Never rejects: a request that nobody can make sense of must not end the controller. */
async function answer(
  { url = '/', method }: IncomingMessage,
  response: ServerResponse,
  routes: Routes,
  answerMs: number,
): Promise<void> {
  const [path = '/', query] = url.split('?', 2);
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (!route || method !== 'GET') {
    return send(response, 404, { message: `nothing at ${path}`, code: 'control.unknown' });
  }
  try {
    send(response, 200, await withinDeadline(route, new URLSearchParams(query), answerMs));
  } catch (thrown) {
    const { message, code, hint } = asSluiceError(thrown);
    send(response, 500, { message, code, hint });
  }
}

/** Gives up waiting even for a route that does not listen to its signal. */
async function withinDeadline(route: Route, query: URLSearchParams, ms: number): Promise<unknown> {
  const late = new AbortController();
  const { promise: deadline, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const hint = 'try again in a moment';
    reject(
      new SluiceError(`no answer within ${ms / 1000} s`, {
        code: 'control.timeout',
        recovery: 'retry',
        hint,
      }),
    );
    late.abort();
  }, ms);
  try {
    return await Promise.race([route(query, late.signal), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws TypeError for a body that is no JSON, before anything is sent */
function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body ?? null);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(text);
}
