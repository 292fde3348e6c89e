import { request } from 'node:http';
import { z } from 'zod';
import { SluiceError } from '../model/errors.ts';
import { isPrivate } from './private-folder.ts';
import type { SocketPath } from './socket-path.ts';

const failureSchema = z.object({ message: z.string(), code: z.string(), hint: z.string().optional() });

/** Longer than the controller's own deadline, whose answer says more. */
const longestMs = 15_000;

export interface Question<T> {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Posted as JSON; without one the path is got. */
  readonly body?: unknown;
  /** What the answer must be. */
  readonly answer: z.ZodType<T>;
}

/**
 * Asks a running controller. Resolves to undefined when none runs on this folder.
 * @throws SluiceError with the controller's own message when it could not answer; `control.unreachable` when it is there
 * and does not answer; `control.unexpected` when it answers something else
 * @throws SettingError when the socket's private folder is somebody else's
 */
export async function askController<T>(
  at: SocketPath,
  { path, query = {}, body: asked, answer: schema }: Question<T>,
  deadlineMs = longestMs,
): Promise<T | undefined> {
  if (at.folder !== undefined && !isPrivate(at.folder, at.user)) return undefined;
  const search = new URLSearchParams(query).toString();
  const signal = AbortSignal.timeout(deadlineMs);
  const answer = await send(at.path, search === '' ? path : `${path}?${search}`, asked, signal).catch(
    (error: unknown) => {
      const { message } = signal.aborted
        ? { message: `no answer within ${deadlineMs / 1000} s` }
        : asError(error);
      throw new SluiceError(`a controller holds ${at.path} but cannot be asked: ${message}`, {
        code: 'control.unreachable',
        recovery: 'stop',
        hint: 'try again; if that does not help, stop the controller and start it again',
        cause: error,
      });
    },
  );
  if (answer === undefined) return undefined;
  const body = parseJson(answer.text);
  const wanted = answer.status === 200 ? schema.safeParse(body) : undefined;
  if (wanted?.success) return wanted.data;
  throw failure(failureSchema.safeParse(body).data);
}

function failure(told: z.infer<typeof failureSchema> | undefined): SluiceError {
  const { message, code, hint } = told ?? {
    message: 'the running controller gives an answer that is not understood here',
    code: 'control.unexpected',
    hint: 'it may be of another version: stop it and start it again',
  };
  return new SluiceError(message, { code, recovery: 'stop', ...(hint === undefined ? {} : { hint }) });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function send(
  socketPath: string,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<{ status: number; text: string } | undefined> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const call = request({ socketPath, path, method, signal }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 500, text: Buffer.concat(parts).toString() }),
      );
    });
    call.on('error', (error: NodeJS.ErrnoException) => {
      // No socket, or one that nobody listens on: there is no controller.
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(error);
    });
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
