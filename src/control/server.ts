import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { z } from 'zod';
import { asSluiceError, SluiceError } from '../model/errors.ts';
import { listenPrivately } from './listen.ts';
import { checked, readBody } from './read-body.ts';
import type { SocketPath } from './socket-path.ts';

/** Answers one path: takes the query, gives what becomes JSON, or a promise of it. A rejection becomes an error answer. */
export type Route = (query: URLSearchParams, signal: AbortSignal) => unknown;

/** The same for a path that takes a JSON body. */
export interface PostRoute {
  readonly post: (body: unknown, signal: AbortSignal) => unknown;
}

export type Routes = Readonly<Record<string, Route | PostRoute>>;

/** A path that takes a body of one form; another is answered with what is wrong with it. */
export function accept<T>(schema: z.ZodType<T>, take: (body: T, signal: AbortSignal) => unknown): PostRoute {
  return { post: (body, signal) => take(checked(schema, body), signal) };
}

export interface ControlServer {
  /** Idempotent; ends open requests. */
  close(): Promise<void>;
}

/** An answer that takes longer than this is not to be had. */
const longestMs = 10_000;

/**
 * Serves the control socket of a running controller (S22): HTTP on a unix socket, mode 0600.
 * The caller holds the state folder's lock, so a socket that lies there is a dead one's.
 * @param routes by path, GET or POST: `/status`
 * @throws SettingError when the private folder is somebody else's, or what listening throws
 */
export async function serveControl(
  at: SocketPath,
  routes: Routes,
  answerMs = longestMs,
): Promise<ControlServer> {
  const server = createServer((request, response) => void answer(request, response, routes, answerMs));
  await listenPrivately(server, at);
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
  request: IncomingMessage,
  response: ServerResponse,
  routes: Routes,
  answerMs: number,
): Promise<void> {
  const { url = '/' } = request;
  const [path = '/', query] = url.split('?', 2);
  const work = workOf(Object.hasOwn(routes, path) ? routes[path] : undefined, request, query);
  if (!work) return send(response, 404, { message: `nothing at ${path}`, code: 'control.unknown' });
  try {
    send(response, 200, await withinDeadline(work, answerMs));
  } catch (thrown) {
    const { message, code, hint, recovery } = asSluiceError(thrown);
    // What is left of a body that was refused is not worth reading.
    if (!request.complete) response.setHeader('connection', 'close');
    send(response, recovery === 'config' ? 400 : 500, { message, code, hint });
  }
}

type Work = (signal: AbortSignal) => unknown;

function workOf(
  route: Route | PostRoute | undefined,
  request: IncomingMessage,
  query: string | undefined,
): Work | undefined {
  if (typeof route === 'function') {
    return request.method === 'GET' ? (signal) => route(new URLSearchParams(query), signal) : undefined;
  }
  if (!route || request.method !== 'POST') return undefined;
  return async (signal) => await route.post(await readBody(request, signal), signal);
}

/** Gives up waiting even for a route that does not listen to its signal. */
async function withinDeadline(work: Work, ms: number): Promise<unknown> {
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
    return await Promise.race([work(late.signal), deadline]);
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
