import type { ServerResponse } from 'node:http';
import type { Fault } from './fault.ts';
import { problem, problemBody, type Problem } from './problem.ts';

/** A 200, with its JSON as text. */
export interface Answer {
  readonly status: 200;
  readonly body: Buffer;
  /** How many members or entities it holds. */
  readonly records: number;
}

/** A 200 with this value. */
export function answerJson(value: unknown, records = 0): Answer {
  return { status: 200, body: Buffer.from(JSON.stringify(value)), records };
}

/** How one request is to be answered. */
export interface Reply {
  readonly outcome: Answer | Problem;
  readonly fault: Pick<Fault, 'effect'> | undefined;
  /** Epoch milliseconds, for the Date header and dates of Retry-After. */
  readonly now: number;
  /** Names this one request. */
  readonly id: string;
  /** The address where the system explains its errors. */
  readonly errorsAt: string;
}

const page =
  '<!DOCTYPE html><html><head><title>Hang on</title></head><body><h1>One moment, please</h1></body></html>';

/** Sends the reply, spoiled by its fault, and returns the status the client gets to see: `none` if it gets none. */
export function sendReply(
  response: ServerResponse,
  { outcome, fault, now, id, errorsAt }: Reply,
): number | 'none' {
  const effect = fault?.effect;
  response.setHeader('Date', new Date(now).toUTCString());
  response.setHeader('X-Request-Id', id);
  switch (effect?.type) {
    case undefined:
    case 'slow':
      return send(outcome);
    case 'hang':
      return 'none';
    case 'reset':
      response.socket?.resetAndDestroy();
      return 'none';
    case 'html':
      return end(200, 'text/html; charset=utf-8', page);
    case 'status': {
      const { status, empty, retryAfter } = effect;
      if (retryAfter?.form === 'seconds') response.setHeader('Retry-After', retryAfter.seconds);
      if (retryAfter?.form === 'date') {
        // Rounded up: a date in whole seconds must not shorten the wait.
        const whole = Math.ceil(now / 1000 + retryAfter.seconds) * 1000;
        response.setHeader('Retry-After', new Date(whole).toUTCString());
      }
      return empty ? end(status, undefined, '') : send(problem(status));
    }
    case 'stall':
    case 'truncate': {
      const [status, type, whole] = wire(outcome);
      const body = Buffer.from(whole);
      const half = body.subarray(0, Math.floor(body.length / 2));
      if (effect.type === 'truncate' && effect.framed) return end(status, type, half);
      response.writeHead(status, { 'Content-Type': type, 'Content-Length': body.length });
      response.write(half, () => {
        if (effect.type === 'truncate') response.destroy();
      });
      return status;
    }
    default:
      return effect satisfies never;
  }

  function send(what: Answer | Problem): number {
    return end(...wire(what));
  }

  function wire(what: Answer | Problem): [status: number, type: string, body: string | Buffer] {
    if ('body' in what) return [what.status, 'application/json; charset=utf-8', what.body];
    return [what.status, 'application/problem+json; charset=utf-8', problemBody(what, id, errorsAt)];
  }

  function end(status: number, type: string | undefined, body: string | Buffer): number {
    const length = Buffer.byteLength(body);
    response.writeHead(status, { ...(type ? { 'Content-Type': type } : {}), 'Content-Length': length });
    response.end(body);
    return status;
  }
}
