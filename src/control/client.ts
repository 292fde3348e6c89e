import { request } from 'node:http';
import { z } from 'zod';
import { SluiceError } from '../model/errors.ts';
import type { SocketPath } from './socket-path.ts';

const failureSchema = z.object({ message: z.string(), code: z.string(), hint: z.string().optional() });

const deadlineMs = 15_000;

/**
 * Asks a running controller. Resolves to undefined when none runs on this folder.
 * @throws SluiceError with the controller's own message when it could not answer
 */
export async function askController(
  at: SocketPath,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const search = new URLSearchParams(query).toString();
  const answer = await send(at.path, search === '' ? path : `${path}?${search}`);
  if (answer === undefined) return undefined;
  const body: unknown = JSON.parse(answer.text);
  if (answer.status === 200) return body;
  const failure = failureSchema.parse(body);
  throw new SluiceError(failure.message, {
    code: failure.code,
    recovery: 'stop',
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  });
}

function send(socketPath: string, path: string): Promise<{ status: number; text: string } | undefined> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(deadlineMs);
    const call = request({ socketPath, path, signal }, (response) => {
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
    call.end();
  });
}
