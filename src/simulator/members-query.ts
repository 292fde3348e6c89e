import { parseTimestamp, type EpochSeconds } from '../model/time.ts';
import { memberStatuses } from './member-status.ts';
import type { MembersWindow } from './population.ts';
import { invalid, problem, type FieldError, type Problem } from './problem.ts';

/** Whether a member that changed at the very second of a bound is inside it. */
export interface Bounds {
  readonly since: boolean;
  readonly before: boolean;
}

export interface MembersQuery {
  readonly window: MembersWindow;
  readonly offset: number;
  readonly count: number;
}

const notDone = [
  'email_type', 'since_timestamp_opt', 'before_timestamp_opt', 'unique_email_id', 'vip_only', 'interest_category_id',
  'interest_ids', 'interest_match', 'since_last_campaign', 'unsubscribed_since',
]; // prettier-ignore

/**
 * Reads the parameters of `GET /lists/{id}/members` (apis.md 1.2), `fields` and `exclude_fields` apart. A filter that
 * exists at Mailchimp but not here is refused with 501, as leaving it out would answer something else than was asked.
 */
export function parseMembersQuery(query: URLSearchParams, bounds: Bounds): MembersQuery | Problem {
  const missing = notDone.filter((name) => query.has(name));
  if (missing.length > 0)
    return problem(501, `The simulator does not know the filter ${missing.join(', ')}.`);

  const errors: FieldError[] = [];
  const { offset, count } = parsePaging(query, errors);
  const since = moment(query, 'since_last_changed', errors);
  const before = moment(query, 'before_last_changed', errors);
  const sort = oneOf(query, 'sort_field', ['timestamp_opt', 'timestamp_signup', 'last_changed'], errors);
  const direction = oneOf(query, 'sort_dir', ['ASC', 'DESC'], errors);
  const status = oneOf(query, 'status', memberStatuses, errors);
  if (errors.length > 0) return invalid(errors);
  return {
    window: {
      from: since === undefined ? 0 : since + (bounds.since ? 0 : 1),
      to: before === undefined ? 2 ** 32 - 1 : before - (bounds.before ? 0 : 1),
      status,
      sort: sort === 'last_changed' ? 'last_changed' : 'joined',
      descending: direction === 'DESC',
    },
    offset,
    count,
  };
}

/** `count` (10, at most 1000) and `offset` (0); adds to `errors` what is wrong with them. */
export function parsePaging(
  query: URLSearchParams,
  errors: FieldError[],
): { readonly offset: number; readonly count: number } {
  return {
    count: integer(query, 'count', { usual: 10, most: 1000 }, errors),
    offset: integer(query, 'offset', { usual: 0, most: Number.MAX_SAFE_INTEGER }, errors),
  };
}

function integer(
  query: URLSearchParams,
  field: string,
  { usual, most }: { readonly usual: number; readonly most: number },
  errors: FieldError[],
): number {
  const text = query.get(field);
  if (text === null) return usual;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? '0 or more' : `between 0 and ${most}`;
  errors.push({ field, message: `This value should be a whole number, ${range}.` });
  return usual;
}

function oneOf<Choice extends string>(
  query: URLSearchParams,
  field: string,
  choices: readonly Choice[],
  errors: FieldError[],
): Choice | undefined {
  const text = query.get(field);
  if (text === null) return undefined;
  const choice = choices.find((one) => one === text);
  if (!choice) {
    const message = `Model presented is not one of the accepted values: ${choices.join(', ')}.`;
    errors.push({ field, message });
  }
  return choice;
}

/**
 * A moment as Mailchimp reads it: an offset needs its colon, none at all will do, and whatever it is, it is ignored and
 * the rest read as UTC (apis.md 1.2, systems.md 8.2). A `+` that was not encoded arrives as a space and passes even
 * without the colon: the strictness is about `%2B0000`.
 */
const momentPattern =
  /^(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}| \d{2}:?\d{2})?$/;

function moment(query: URLSearchParams, field: string, errors: FieldError[]): EpochSeconds | undefined {
  const text = query.get(field);
  if (text === null) return undefined;
  const local = momentPattern.exec(text)?.[1];
  const second = local === undefined ? undefined : parseTimestamp(`${local}Z`);
  if (second === undefined) errors.push({ field, message: 'This value is not a valid datetime.' });
  return second;
}
