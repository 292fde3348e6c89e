import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerLine } from './answer-line.ts';
import type { Fault } from './fault.ts';
import { problem, type Problem } from './problem.ts';
import { scatter } from './random.ts';
import { sendReply, type Reply } from './reply.ts';
import type { RequestCounter } from './request-counts.ts';

/** What a simulated system knows; `Kind` are its kinds of request. */
export interface Desk<Kind extends string> {
  /** What a path leads to; undefined is a path that is none. */
  readonly kindOf: (path: string | undefined) => Kind;
  /** The answer to somebody without the right credentials; undefined lets the request in. */
  readonly refuse: (request: IncomingMessage, kind: Kind) => Problem | undefined;
  /** What was asked for, as it is at this moment. */
  readonly look: (asked: Asked) => Reply['outcome'];
  /** How many requests may be under way; the next ones get 429. */
  readonly maxConnections: number;
  /** The address where the system explains its errors. */
  readonly errorsAt: string;
  readonly counter: RequestCounter<Kind>;
  readonly now: () => number;
  readonly latencyMs: () => number;
  readonly drawFault: (kind: Kind) => Fault<Kind> | undefined;
  readonly onAnswer: (line: AnswerLine<Kind>) => void;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** A longer body is cut off: no request to a simulator needs one. */
const longestBody = 100_000;

/**
 * Answers requests: the credentials first, then the limit of simultaneous requests, then a fault or what was asked for.
 * What was asked for is looked up when the latency is over, in one piece, so a page is never torn by a change.
 */
export function createRequestListener<Kind extends string>(
  desk: Desk<Kind>,
): (request: IncomingMessage, response: ServerResponse) => void {
  let served = 0;
  let underWay = 0;

  return (request, response) => {
    const { method = '', url: path = '/' } = request;
    const url = URL.parse(path, 'http://127.0.0.1');
    const kind = desk.kindOf(url?.pathname);
    const id = requestId(++served);
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      if (body.length < longestBody) body += text;
    });
    desk.counter.opened();
    response.once('close', () => desk.counter.closed());

    const refused = desk.refuse(request, kind);
    if (refused) return finish(refused, undefined);
    if (underWay >= desk.maxConnections) return finish(tooMany(desk.maxConnections), undefined);
    // A request holds its place until its last byte is out or its client is gone, hanging ones too.
    underWay++;
    response.once('close', () => underWay--);

    const fault = desk.drawFault(kind);
    const wait = desk.latencyMs() + (fault?.effect.type === 'slow' ? fault.effect.ms : 0);
    let settled = false;
    // Never in the same turn: requests that arrive together must be seen to be simultaneous, also without latency.
    const timer = wait > 0 ? setTimeout(reply, wait) : undefined;
    if (!timer) setImmediate(reply);
    response.once('close', () => {
      clearTimeout(timer);
      if (!settled) note('none', 0, fault);
      settled = true;
    });
    return undefined;

    function reply(): void {
      if (settled) return;
      if (!request.readableEnded) {
        request.once('end', reply);
        return;
      }
      settled = true;
      const outcome = url
        ? desk.look({ method, path: url.pathname, query: url.searchParams, body })
        : problem(400);
      finish(outcome, fault);
    }

    function finish(outcome: Reply['outcome'], struck: Fault<Kind> | undefined): void {
      const { errorsAt } = desk;
      const status = sendReply(response, { outcome, fault: struck, now: desk.now(), id, errorsAt });
      note(status, 'records' in outcome && status === 200 ? outcome.records : 0, struck);
    }

    function note(status: number | 'none', records: number, struck: Fault<Kind> | undefined): void {
      desk.counter.answered(kind, status, struck?.name);
      desk.onAnswer({ kind, method, url: path, status, records, fault: struck?.name });
    }
  };
}

function tooMany(most: number): Problem {
  return problem(429, `You have exceeded the limit of ${most} simultaneous connections.`);
}

/** Looks like a UUID and depends on nothing but the number. */
function requestId(number: number): string {
  const [a = '', b = '', c = '', d = ''] = [1, 2, 3, 4].map((salt) =>
    scatter(number, salt).toString(16).padStart(8, '0'),
  );
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`;
}
