import { z } from 'zod';
import { SourceError } from '../model/errors.ts';
import type { RangedPage, SourceRecord } from '../model/record.ts';
import { parseTimestamp } from '../model/time.ts';
import { printable } from '../net/printable.ts';

const totalShape = z.object({ total_items: z.int().nonnegative() });
const pageShape = z.object({ members: z.array(z.unknown()), total_items: z.int().nonnegative() });

// Only what is used; the member itself is passed on as it came. An id of any other kind is no key, and a record
// without a key is a dead letter (S11), not the end of the run.
const memberShape = z.object({
  id: z.string().min(1).optional().catch(undefined),
  last_changed: z.string(),
});

/** The `total_items` of an answer (apis.md 1.3). Throws a SourceError `source.invalid`. */
export function readTotal(json: unknown): number {
  const answer = totalShape.safeParse(json);
  if (!answer.success) throw invalid(answer.error);
  return answer.data.total_items;
}

/**
 * The members of an answer as records: key `id`, version the second of `last_changed`, without their `_links`.
 * Throws a SourceError: `source.invalid` when it is not a page of at most `limit` members, `source.unsorted` when
 * `last_changed` goes back, on which the paging rules stand (S7).
 */
export function readPage(json: unknown, limit: number): Omit<RangedPage, 'bytes'> {
  const page = pageShape.safeParse(json);
  if (!page.success) throw invalid(page.error);
  const { members, total_items: total } = page.data;
  if (members.length > limit) {
    throw broken(`a page of ${members.length} members came where at most ${limit} were asked for`);
  }
  const records = members.map(readMember);
  for (const [at, record] of records.entries()) {
    const before = records[at - 1];
    if (before && before.version > record.version) throw unsorted(at);
  }
  return { records, total };
}

function readMember(value: unknown, at: number): SourceRecord {
  const member = memberShape.safeParse(value);
  if (!member.success) throw invalid(member.error, `members[${at}]`);
  const { id: key, last_changed: changed } = member.data;
  const version = parseTimestamp(changed);
  if (version === undefined) {
    throw broken(`members[${at}].last_changed is "${printable(changed, 40)}" where a timestamp was expected`);
  }
  return { key, version, value: withoutLinks(value) };
}

// `exclude_fields` keeps them away already; a stand-in or a change of theirs must not make chunks twice the size.
function withoutLinks(member: unknown): unknown {
  if (typeof member !== 'object' || member === null || !('_links' in member)) return member;
  const { _links, ...rest } = member;
  return rest;
}

function invalid(error: z.ZodError, where = ''): SourceError {
  const [issue] = error.issues;
  const path = [where, ...(issue?.path ?? [])].filter((part) => part !== '').join('.');
  return broken(
    `${path === '' ? 'the answer' : path}: ${printable(issue?.message ?? 'not as expected', 200)}`,
  );
}

function broken(what: string): SourceError {
  return new SourceError(`Mailchimp answered something else than a list of members: ${what}`, {
    code: 'source.invalid',
    recovery: 'retry',
    hint: 'check MAILCHIMP_URL; if it is right, the API has changed and Sluice has to be adapted',
  });
}

function unsorted(at: number): SourceError {
  return new SourceError(
    `Mailchimp ignored the order asked for: members[${at}] changed before the one above it`,
    {
      code: 'source.unsorted',
      recovery: 'retry',
      hint: 'reading on could lose members, so nothing was moved; if it stays, the API has changed',
    },
  );
}
