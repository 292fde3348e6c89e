import { afterEach, describe, expect, test } from 'vitest';
import { SettingError, SluiceError } from '../../src/model/errors.ts';
import { createHttpClient } from '../../src/net/client.ts';
import { createQuotas } from '../../src/net/quota.ts';
import { createTraffic } from '../../src/net/traffic.ts';
import type { RangedSource } from '../../src/source/contract.ts';
import { type MailchimpOptions, createMailchimpSource } from '../../src/source/mailchimp.ts';
import { createRecordingClock } from '../net/recording-clock.ts';
import { type Reply, json, startScriptedServer, text } from '../net/scripted-server.ts';

const toClose: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

const apiKey = '0123456789abcdef0123456789abcdef-us21';
const signal = new AbortController().signal;
const window = {
  since: Date.parse('2026-11-01T00:00:00Z') / 1000,
  until: Date.parse('2026-11-21T11:59:55Z') / 1000,
};
const request = { window, offset: 200, limit: 100 };

interface World {
  readonly source: RangedSource;
  readonly asked: () => URL[];
  readonly headers: () => (string | undefined)[];
}

async function open(reply: Reply, options: Partial<MailchimpOptions> = {}): Promise<World> {
  const server = await startScriptedServer(reply);
  const clock = createRecordingClock();
  const client = createHttpClient({ clock, random: () => 0, emit: () => undefined });
  toClose.push(
    () => server.close(),
    () => client.close(),
  );
  const quotas = createQuotas({ clock });
  return {
    source: createMailchimpSource({
      listId: 'a1b2c3',
      apiKey,
      baseUrl: server.url.href,
      client,
      quotas,
      ...options,
    }),
    asked: () => server.requests.map(({ url }) => new URL(url, server.url)),
    headers: () => server.requests.map(({ headers }) => headers.authorization),
  };
}

async function failure(work: Promise<unknown>): Promise<SluiceError> {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof SluiceError)) throw new Error('a SluiceError was expected', { cause: error });
  return error;
}

const member = (id: unknown, changed: unknown, more = {}): unknown => ({
  id,
  last_changed: changed,
  ...more,
});
const page = (...members: unknown[]): Reply => json({ members, total_items: 7 });

describe('what is asked', () => {
  test('a page: window, order, place and no links', async () => {
    const { source, asked, headers } = await open(page());
    await source.read(request, signal);
    const [url] = asked();
    expect(url?.pathname).toBe('/3.0/lists/a1b2c3/members');
    expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({
      count: '100',
      offset: '200',
      sort_field: 'last_changed',
      sort_dir: 'ASC',
      exclude_fields: 'members._links,_links',
      since_last_changed: '2026-11-01T00:00:00+00:00',
      before_last_changed: '2026-11-21T11:59:56+00:00',
    });
    expect(headers()).toEqual([`Basic ${Buffer.from(`sluice:${apiKey}`).toString('base64')}`]);
  });

  test('the sign of the time zone is encoded, or it would arrive as a space', async () => {
    const { source, asked } = await open(page());
    await source.read(request, signal);
    expect(asked()[0]?.search).toContain('since_last_changed=2026-11-01T00%3A00%3A00%2B00%3A00');
  });

  test('a full load has no beginning', async () => {
    const { source, asked } = await open(page());
    await source.read({ ...request, window: { ...window, since: null } }, signal);
    expect(asked()[0]?.searchParams.has('since_last_changed')).toBe(false);
  });

  test('the total of a window and the probe are cheap', async () => {
    const { source, asked } = await open(json({ total_items: 41 }));
    expect(await source.total(window, signal)).toBe(41);
    await source.probe(window.since, signal);
    await source.probe(null, signal);
    expect(asked().map((url) => Object.fromEntries(url.searchParams))).toEqual([
      {
        count: '1',
        fields: 'total_items',
        since_last_changed: '2026-11-01T00:00:00+00:00',
        before_last_changed: '2026-11-21T11:59:56+00:00',
      },
      { count: '1', fields: 'total_items', since_last_changed: '2026-11-01T00:00:00+00:00' },
      { count: '1', fields: 'total_items' },
    ]);
  });
});

describe('what comes back', () => {
  test('the probe tells the clock of the Date header', async () => {
    const { source } = await open(json({ total_items: 41 }, 200, { date: 'Sat, 21 Nov 2026 12:00:00 GMT' }));
    expect(await source.probe(null, signal)).toEqual({ now: Date.parse('2026-11-21T12:00:00Z'), total: 41 });
  });

  test('records as they are, without their links, whatever the state of the id', async () => {
    const changed = '2026-11-02T03:04:05+00:00';
    const { source } = await open(
      page(
        member('x', changed, { merge_fields: null, _links: [{ rel: 'self' }] }),
        member(undefined, changed),
        member(null, changed),
        member('', changed),
        member(17, changed),
      ),
    );
    const { records, total, bytes } = await source.read(request, signal);
    expect(records[0]).toEqual({
      key: 'x',
      version: Date.parse('2026-11-02T03:04:05Z') / 1000,
      value: { id: 'x', last_changed: changed, merge_fields: null },
    });
    expect(records.map(({ key }) => key)).toEqual(['x', undefined, undefined, undefined, undefined]);
    expect(records[4]?.value).toEqual({ id: 17, last_changed: changed });
    expect(total).toBe(7);
    expect(bytes).toBeGreaterThan(200);
  });

  test('every request is counted, retries too', async () => {
    const traffic = createTraffic();
    const { source } = await open(json({}, 500), { onAttempt: traffic.count });
    expect(await failure(source.total(window, signal))).toMatchObject({
      code: 'source.unavailable',
      recovery: 'retry',
      message: expect.stringMatching(/^6 attempts failed, the last one with: 500 from 127/),
    });
    expect(traffic.totals().requests).toBe(6);
  });
});

describe('an answer that cannot be used', () => {
  const wrong: readonly [string, Reply, RegExp][] = [
    ['no members', json({ total_items: 1 }), /: members: Invalid input: expected array/],
    ['no total', json({ members: [] }), /: total_items: Invalid input: expected/],
    ['a negative total', json({ members: [], total_items: -1 }), /: total_items: Too small/],
    ['a total that is no whole number', json({ members: [], total_items: 1.5 }), /: total_items: /],
    ['a list', json([]), /: the answer: Invalid input: expected object/],
    ['a member that is none', page('x'), /: members\[0\]: Invalid input: expected object/],
    ['a member without a time', page({ id: 'x' }), /: members\[0\]\.last_changed: Invalid input/],
    [
      'a time that is none',
      page(member('x', 'yester\u001b[2Jday')),
      /last_changed is "yester \[2Jday" where/,
    ],
    [
      'a page larger than asked for',
      page(...Array.from({ length: 101 }, () => ({}))),
      /101 members came where at most 100/,
    ],
  ];

  test.each(wrong)('%s says what was expected', async (_name, reply, message) => {
    const { source } = await open(reply);
    expect(await failure(source.read(request, signal))).toMatchObject({
      name: 'SourceError',
      code: 'source.invalid',
      message: expect.stringMatching(message),
    });
  });

  test('members out of order stop the run', async () => {
    const { source } = await open(
      page(member('a', '2026-11-02T00:00:01Z'), member('b', '2026-11-02T00:00:00Z')),
    );
    expect(await failure(source.read(request, signal))).toMatchObject({ code: 'source.unsorted' });
  });

  test('members of the same second are in order', async () => {
    const { source } = await open(
      page(member('b', '2026-11-02T00:00:00Z'), member('a', '2026-11-02T00:00:00Z')),
    );
    expect((await source.read(request, signal)).records).toHaveLength(2);
  });

  test('a probe without a date has no clock to go by', async () => {
    const { source } = await open((_request, response) => {
      response.sendDate = false;
      response.end('{"total_items":1}');
    });
    expect(await failure(source.probe(null, signal))).toMatchObject({
      code: 'source.invalid',
      message: expect.stringContaining('Date'),
    });
    const late = await open(json({ total_items: 1 }, 200, { date: 'today' }));
    expect(await failure(late.source.probe(null, signal))).toMatchObject({ code: 'source.invalid' });
  });
});

function problem(status: number): Reply {
  return json({ title: 'Ti\u0007tle', detail: `de\r\ntail with ${apiKey}`, status }, status);
}

describe('a refusal', () => {
  test.each([
    [400, 'source.rejected', 'stop', 'Mailchimp rejects the request', /cursor has not moved/],
    [401, 'source.unauthorized', 'config', 'Mailchimp does not accept the key', /^check MAILCHIMP_APIKEY_X$/],
    [403, 'source.forbidden', 'stop', 'Mailchimp forbids it', /MAILCHIMP_APIKEY_X is active/],
    [404, 'source.not_found', 'config', 'no list "a1b2c3" in this account', /^check list_id$/],
    [405, 'source.unexpected', 'retry', 'Mailchimp answered with status 405', /MAILCHIMP_URL/],
  ])('%i is %s', async (status, code, recovery, message, hint) => {
    const { source } = await open(problem(status), { keyName: 'MAILCHIMP_APIKEY_X' });
    expect(await failure(source.read(request, signal))).toMatchObject({
      name: 'SourceError',
      code,
      recovery,
      message: `${message}: Ti tle: de tail with ***`,
      hint: expect.stringMatching(hint),
    });
  });

  test('404 from something that is not Mailchimp points at the address', async () => {
    const { source } = await open(text('<html>', 404));
    expect(await failure(source.read(request, signal))).toMatchObject({
      message: 'no list "a1b2c3" in this account',
      hint: 'check list_id, and MAILCHIMP_URL if you set it',
    });
  });

  test('403 without a JSON body is overload and is tried again', async () => {
    const { source, asked } = await open(text('', 403));
    expect(await failure(source.read(request, signal))).toMatchObject({ code: 'source.unavailable' });
    expect(asked()).toHaveLength(6);
  });
});

describe('settings', () => {
  const quotas = createQuotas({ clock: createRecordingClock() });
  const create = (options: Partial<MailchimpOptions>): { hosts: string[] } => {
    const hosts: string[] = [];
    createMailchimpSource({
      listId: 'a1b2c3',
      apiKey,
      client: {
        get: () => Promise.reject(new Error('not asked')),
        post: () => Promise.reject(new Error('not asked')),
        close: () => Promise.resolve(),
      },
      quotas: {
        quotaFor(host, credential) {
          hosts.push(host);
          return quotas.quotaFor(host, credential);
        },
      },
      ...options,
    });
    return { hosts };
  };

  test('the key names the host, an address takes its place', () => {
    expect(create({}).hosts).toEqual(['us21.api.mailchimp.com']);
    expect(create({ baseUrl: 'http://127.0.0.1:8080/3.0/' }).hosts).toEqual(['127.0.0.1:8080']);
    expect(create({ apiKey: 'legacy', baseUrl: 'https://proxy.example.org/mailchimp/3.0' }).hosts).toEqual([
      'proxy.example.org',
    ]);
  });

  test.each([
    'us21.api.mailchimp.com/3.0',
    'https://us21.api.mailchimp.com',
    'https://us21.api.mailchimp.com/3.0/lists',
    'https://us21.api.mailchimp.com/3.0?x=1',
    `https://any:${apiKey}@us21.api.mailchimp.com/3.0`,
    'ftp://us21.api.mailchimp.com/3.0',
    '',
  ])('the address "%s" is refused, saying what was expected and nothing secret', (baseUrl) => {
    const error = caught(() => create({ baseUrl }));
    expect(error).toBeInstanceOf(SettingError);
    expect(error).toMatchObject({ hint: expect.stringContaining('https://us21.api.mailchimp.com/3.0') });
    expect(error.message).not.toContain(apiKey);
  });

  test.each(['secretsecret', 'secretsecret-', 'secretsecret-evil.example.org/', 'secretsecret-us21.evil'])(
    'a key without a data centre is refused without showing it (%s)',
    (bad) => {
      const error = caught(() => create({ apiKey: bad, keyName: 'MAILCHIMP_APIKEY_X' }));
      expect(error).toBeInstanceOf(SettingError);
      expect(error.message).toBe('MAILCHIMP_APIKEY_X does not end in a data centre such as "-us21"');
      expect(`${error.message}${error.stack}`).not.toContain('secretsecret');
    },
  );

  test.each(['', '..', 'a/b', 'a?b', 'a\u001bb'])('the list id %j is refused', (listId) => {
    expect(caught(() => create({ listId }))).toBeInstanceOf(SettingError);
  });
});

function caught(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
