import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer, findPlace, type Account, type Place } from './answer.ts';
import { refuse } from './credentials.ts';
import type { Fault, RequestKind } from './fault.ts';
import type { AnswerLine } from './mailchimp-options.ts';
import { problem, type Problem } from './problem.ts';
import { scatter } from './random.ts';
import { sendReply, type Reply } from './reply.ts';
import type { RequestCounter } from './request-counts.ts';

export interface Desk {
  readonly account: Account;
  readonly apiKey: string;
  readonly maxConnections: number;
  readonly counter: RequestCounter;
  readonly now: () => number;
  readonly latencyMs: () => number;
  readonly drawFault: (kind: RequestKind) => Fault | undefined;
  readonly onAnswer: (line: AnswerLine) => void;
}

/**
 * Answers requests: the key first, then the limit of simultaneous requests, then a fault or what was asked for.
 * What was asked for is looked up when the latency is over, in one piece, so a page is never torn by a change.
 */
export function createRequestListener(
  desk: Desk,
): (request: IncomingMessage, response: ServerResponse) => void {
  let served = 0;
  let underWay = 0;

  return (request, response) => {
    const { method = '', url: path = '/' } = request;
    const url = URL.parse(path, desk.account.base);
    const place = url ? findPlace(url.pathname) : ({ kind: 'other', listId: undefined } as const);
    const id = requestId(++served);
    request.resume();
    desk.counter.opened();
    response.once('close', () => desk.counter.closed());

    const refused = refuse(request.headers.authorization, desk.apiKey);
    if (refused) return finish(refused, undefined);
    if (underWay >= desk.maxConnections) return finish(tooMany(desk.maxConnections), undefined);
    // A request holds its place until its last byte is out or its client is gone, hanging ones too.
    underWay++;
    response.once('close', () => underWay--);

    const fault = desk.drawFault(place.kind);
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
      settled = true;
      finish(look(place, method, url), fault);
    }

    function finish(outcome: Reply['outcome'], struck: Fault | undefined): void {
      const status = sendReply(response, { outcome, fault: struck, now: desk.now(), id });
      note(status, 'members' in outcome && status === 200 ? outcome.members : 0, struck);
    }

    function note(status: number | 'none', members: number, struck: Fault | undefined): void {
      desk.counter.answered(place.kind, status, struck?.name);
      desk.onAnswer({ kind: place.kind, method, url: path, status, members, fault: struck?.name });
    }
  };

  function look(place: Place, method: string, url: URL | null): Reply['outcome'] {
    if (!url) return problem(400);
    return method === 'GET' ? answer(desk.account, place, url.searchParams) : problem(405);
  }
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
