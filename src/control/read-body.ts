import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { SettingError } from '../model/errors.ts';

/** No command comes near it. */
const mostBytes = 64 * 1024;

/** The JSON body of a request. @throws SettingError when it is too long, or is not JSON */
export async function readBody(request: IncomingMessage, signal: AbortSignal): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  const stop = (): void => void request.destroy();
  signal.addEventListener('abort', stop);
  try {
    for await (const part of request) {
      const chunk = Buffer.from(part);
      bytes += chunk.length;
      if (bytes > mostBytes) throw new SettingError(`more than ${mostBytes} bytes`, asked);
      parts.push(chunk);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return parse(Buffer.concat(parts).toString());
}

/** @throws SettingError when a body is not what a path takes */
export function checked<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new SettingError(
    `not understood: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
    asked,
  );
}

const asked = 'a command of the same version asks it rightly: ./run.sh help';

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SettingError('the body is not JSON', asked, error);
  }
}
