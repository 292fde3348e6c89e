import { SettingError, SourceError, isAbort } from '../model/errors.ts';
import type { Window } from '../model/record.ts';
import { type EpochSeconds, formatTimestamp } from '../model/time.ts';
import type { HttpClient } from '../net/client.ts';
import type { Quotas } from '../net/quota.ts';
import { createRedactor } from '../net/redact.ts';
import type { Answer } from '../net/request.ts';
import type { Attempt } from '../net/traffic.ts';
import type { RangedSource } from './contract.ts';
import { mailchimpBase } from './mailchimp-base.ts';
import { readPage, readTotal } from './mailchimp-page.ts';
import { mailchimpWords } from './mailchimp-words.ts';
import { outage, refusal } from './refusal.ts';

export interface MailchimpOptions {
  readonly listId: string;
  readonly apiKey: string;
  /** The setting the key came from, for hints: `MAILCHIMP_APIKEY`, or `MAILCHIMP_APIKEY_X` for account "x" (S21). */
  readonly keyName?: string | undefined;
  /** MAILCHIMP_URL: a full base ending in `/3.0`, in place of the one the key names. */
  readonly baseUrl?: string | undefined;
  readonly client: HttpClient;
  readonly quotas: Quotas;
  /** Told about every request, retries too. */
  readonly onAttempt?: ((attempt: Attempt) => void) | undefined;
}

/**
 * The members of one Mailchimp list (apis.md 1), in the order of their last change.
 * Throws a SettingError for a key without a data centre, a bad address or a bad list id; its methods reject with
 * a SourceError: `source.unauthorized`, `.forbidden`, `.not_found`, `.rejected`, `.unexpected`, `.unavailable`,
 * `.too_large`, `.certificate`, `.invalid`, `.unsorted`. The key appears in none of them.
 */
export function createMailchimpSource(options: MailchimpOptions): RangedSource {
  const { listId, apiKey, keyName = 'MAILCHIMP_APIKEY', client, quotas, onAttempt } = options;
  const base = mailchimpBase(apiKey, options.baseUrl, keyName);
  const path = `${base.href}/lists/${checkListId(listId)}/members`;
  const quota = quotas.quotaFor(base.host, apiKey);
  // HTTP Basic with any user name (apis.md 1.1).
  const authorization = `Basic ${Buffer.from(`sluice:${apiKey}`).toString('base64')}`;
  const headers = { authorization, accept: 'application/json' };
  const words = mailchimpWords({ listId, keyName, redact: createRedactor([apiKey]) });

  async function ask(
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
    onBody?: () => void,
  ): Promise<Answer> {
    const url = new URL(`${path}?${new URLSearchParams(query).toString()}`);
    const answer = await client
      .get(url, { quota, signal, headers, onAttempt, onBody })
      .catch((thrown: unknown) => {
        throw isAbort(thrown) ? thrown : outage(thrown);
      });
    if (answer.status !== 200) throw refusal(answer, words);
    return answer;
  }

  return {
    async probe(since, signal) {
      const answer = await ask({ ...onlyTotal, ...sinceQuery(since) }, signal);
      if (answer.date === undefined) throw noClock(base.host);
      return { now: answer.date, total: readTotal(answer.json) };
    },
    async read({ window, offset, limit }, signal, onReceived) {
      const answer = await ask({ ...pageQuery(offset, limit), ...windowQuery(window) }, signal, onReceived);
      return { ...readPage(answer.json, limit), bytes: answer.bytes };
    },
    async total(window, signal) {
      const answer = await ask({ ...onlyTotal, ...windowQuery(window) }, signal);
      return readTotal(answer.json);
    },
  };
}

const onlyTotal = { count: '1', fields: 'total_items' };

function pageQuery(offset: number, limit: number): Record<string, string> {
  return {
    count: String(limit),
    offset: String(offset),
    sort_field: 'last_changed',
    sort_dir: 'ASC',
    exclude_fields: 'members._links,_links',
  };
}

// Whether Mailchimp's bounds are inclusive is not documented (apis.md 1.2). A second later at the end gets the second
// `until` in either case; the records of the second after it are counted, and are the caller's to leave out.
function windowQuery({ since, until }: Window): Record<string, string> {
  return { ...sinceQuery(since), before_last_changed: isoTime(until + 1) };
}

function sinceQuery(since: EpochSeconds | null): Record<string, string> {
  return since === null ? {} : { since_last_changed: isoTime(since) };
}

// With a colon in the offset: other forms have failed for others (systems.md 8.2).
function isoTime(seconds: EpochSeconds): string {
  return formatTimestamp(seconds).replace('Z', '+00:00');
}

// It becomes part of the path: "../x" would ask for something else with the key.
function checkListId(listId: string): string {
  if (/^[\w-]+$/.test(listId)) return listId;
  throw new SettingError(
    `list_id ${JSON.stringify(listId)} cannot be the id of a Mailchimp list`,
    'letters and digits are expected, as under "Audience ID" in the settings of the audience',
  );
}

function noClock(host: string): SourceError {
  return new SourceError(`${host} did not say its time: the header Date is missing or not a date`, {
    code: 'source.invalid',
    recovery: 'retry',
    hint: 'a window can only end by the clock of the source; a proxy on the way may be removing the header',
  });
}
