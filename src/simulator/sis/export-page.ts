import { problem, type Problem } from '../problem.ts';
import { scatter } from '../random.ts';
import { answerJson, type Answer } from '../reply.ts';
import type { ChangeLog, LoggedVersion } from './change-log.ts';
import type { Entities } from './entities.ts';

/** One service of the export API, as requests see it. */
export interface Export {
  readonly log: ChangeLog;
  readonly entities: Entities;
  /** What the parameter with the ordinal is called. */
  readonly sinceName: string;
  readonly limits: InternalLimits;
}

export interface InternalLimits {
  readonly seed: number;
  /** One page in so many ends early; 0 never. */
  readonly shortPages: number;
  /** One page in so many is empty though there is more; 0 never. */
  readonly emptyPages: number;
}

/** Answers a GET of an export (apis.md 3.1 and 3.2) at the moment `now`. */
export function exportPage(asked: Export, query: URLSearchParams, now: number): Answer | Problem {
  const range = parseRange(query, asked.sinceName);
  if ('status' in range) return range;
  const { since, limit } = range;
  const most = cutShort(limit, since, asked.limits);
  const page: LoggedVersion[] = [];
  let following: LoggedVersion | undefined;
  for (const version of asked.log.after(since, now)) {
    if (page.length === most) {
      following = version;
      break;
    }
    page.push(version);
  }
  // An empty page moves on to right before the next change, so that nothing is passed over and the next is not empty.
  const reached = page.at(-1)?.ordinal ?? (following ? following.ordinal - 1 : since);
  if (following && reached === since) return exportPage({ ...asked, limits: never }, query, now);
  const body = {
    entities: page.map((version) => asked.entities.value(version)),
    hasMore: following !== undefined,
    greatestOrdinal: reached,
  };
  return answerJson(body, page.length);
}

const never: InternalLimits = { seed: 0, shortPages: 0, emptyPages: 0 };

/** How many entities the internal limits leave; the same page is cut the same way each time. */
function cutShort(limit: number, since: number, { seed, shortPages, emptyPages }: InternalLimits): number {
  const strikes = (oneIn: number, salt: number): boolean =>
    oneIn > 0 && scatter(since ^ seed, salt) % oneIn === 0;
  if (strikes(emptyPages, 1)) return 0;
  return strikes(shortPages, 2) ? 1 + (scatter(since, 3) % limit) : limit;
}

const longest = 10_000;

function parseRange(
  query: URLSearchParams,
  sinceName: string,
): { readonly since: number; readonly limit: number } | Problem {
  if (query.has('sinceTime')) return problem(501, 'The simulator does not know sinceTime.');
  const unknown = [...query.keys()].filter((name) => name !== 'limit' && name !== sinceName);
  if (unknown.length > 0) {
    return problem(400, `Unknown parameter ${unknown.join(', ')}; known are ${sinceName} and limit.`);
  }
  const limit = query.get('limit');
  if (limit === null) return problem(400, "Required parameter 'limit' is not present.");
  if (!isWhole(limit)) return problem(400, "Parameter 'limit' is not a whole number.");
  if (Number(limit) < 1 || Number(limit) > longest) {
    return { status: 422, title: 'Unprocessable Entity', detail: `limit must be from 1 to ${longest}.` };
  }
  const since = query.get(sinceName) ?? '0';
  if (!isWhole(since)) return problem(400, `Parameter '${sinceName}' is not an ordinal.`);
  return { since: Number(since), limit: Number(limit) };
}

function isWhole(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}
