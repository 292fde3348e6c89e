import { chooseFields, parseFields } from './fields.ts';
import type { RequestKind } from './fault.ts';
import { pathLinks } from './links.ts';
import type { MemberList } from './member-list.ts';
import { parsePaging, type Bounds } from './members-query.ts';
import { invalid, problem, type FieldError, type Problem } from './problem.ts';
import { answerJson, type Answer } from './reply.ts';
import { sampleList, sampleLists } from './samples.ts';

export interface Account {
  /** `http://127.0.0.1:PORT/3.0` */
  readonly base: string;
  readonly lists: ReadonlyMap<string, MemberList>;
  readonly bounds: Bounds;
}

/** What a path of the API leads to. */
export type Place = { readonly kind: RequestKind; readonly listId: string | undefined };

/** Which resource a path names, by its kind; `other` for what is not there. */
export function findPlace(path: string): Place {
  const [version, collection, listId, members, ...more] = path.split('/').slice(1);
  if (version !== '3.0' || more.length > 0) return { kind: 'other', listId: undefined };
  if (collection === 'ping' && listId === undefined) return { kind: 'ping', listId: undefined };
  if (collection === 'lists' && listId === undefined) return { kind: 'lists', listId: undefined };
  if (collection === 'lists' && members === undefined) return { kind: 'list', listId };
  if (collection === 'lists' && members === 'members') return { kind: 'members', listId };
  return { kind: 'other', listId: undefined };
}

/** Answers a GET of `place` with what the account holds at this moment. */
export function answer(account: Account, place: Place, query: URLSearchParams): Answer | Problem {
  if (place.kind === 'ping') return answerJson({ health_status: "Everything's Chimpy!" });
  if (place.kind === 'lists') return allLists(account, query);
  const list = account.lists.get(place.listId ?? '');
  if (!list || place.kind === 'other') return problem(404);
  if (place.kind === 'members') return list.members(query, account.bounds);
  const fields = parseFields(query, sampleList);
  return 'status' in fields ? fields : answerJson(chooseFields(list.describe(), fields));
}

function allLists({ base, lists }: Account, query: URLSearchParams): Answer | Problem {
  const errors: FieldError[] = [];
  const { offset, count } = parsePaging(query, errors);
  if (errors.length > 0) return invalid(errors);
  const fields = parseFields(query, sampleLists);
  if ('status' in fields) return fields;
  const wanted = [...lists.values()].slice(offset, offset + count);
  const all = {
    lists: wanted.map((list) => list.describe()),
    total_items: lists.size,
    constraints: { may_create: false, max_instances: lists.size, current_total_instances: lists.size },
    _links: pathLinks(base, '/lists'),
  };
  return answerJson(chooseFields(all, fields));
}
