import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMailchimp, type MailchimpSimulator } from '../../src/simulator/mailchimp.ts';
import { ask, askMembers, key } from './ask.ts';

const start = Date.UTC(2026, 10, 21, 12);
let simulator: MailchimpSimulator;

beforeAll(async () => {
  simulator = await startMailchimp({ lists: { demo: 1_500, other: 3 }, now: () => start });
});
afterAll(() => simulator.close());

describe('what is there', () => {
  test('ping says that everything is chimpy', async () => {
    const { status, json } = await ask(simulator, '/ping');
    expect([status, json]).toEqual([200, { health_status: "Everything's Chimpy!" }]);
  });

  test('lists names them all, with the number of subscribed members', async () => {
    const { json } = await ask(simulator, '/lists');
    expect(json.total_items).toBe(2);
    expect(json.lists.map((list: { id: string }) => list.id)).toEqual(['demo', 'other']);
    const subscribed = simulator.members('demo').filter((member) => member.status === 'subscribed');
    expect(json.lists[0].stats.member_count).toBe(subscribed.length);
  });

  test('lists can be paged and cut', async () => {
    const { json } = await ask(simulator, '/lists?offset=1&count=1&fields=lists.id,total_items');
    expect(json).toEqual({ lists: [{ id: 'other' }], total_items: 2 });
  });

  test('a list alone has its name and counts', async () => {
    const { json } = await ask(simulator, '/lists/other?fields=id,stats.member_count');
    expect(json).toEqual({ id: 'other', stats: { member_count: expect.any(Number) } });
  });
});

describe('a member', () => {
  test('has the shape of a real one', async () => {
    const [member] = await askMembers(simulator, 'count=1');
    expect(member).toMatchObject({
      email_address: expect.stringMatching(/^[a-z]+\.[a-z]+\.\d+@/),
      unique_email_id: expect.stringMatching(/^[0-9a-f]{10}$/),
      merge_fields: { FNAME: expect.any(String), LNAME: expect.any(String) },
      stats: { avg_open_rate: expect.any(Number) },
      location: { latitude: expect.any(Number), timezone: expect.any(String) },
      tags: expect.any(Array),
      list_id: 'demo',
      last_changed: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/),
    });
  });

  test('has the MD5 of its address as id, and the same id in every list', async () => {
    const members = await askMembers(simulator, 'count=3');
    for (const { id, email_address } of members) {
      expect(id).toBe(createHash('md5').update(email_address).digest('hex'));
    }
    const others = await askMembers(simulator, 'count=3', 'other');
    expect(others.map(({ id }) => id)).toEqual(members.map(({ id }) => id));
  });

  test('is unique', async () => {
    const ids = new Set(simulator.members('demo').map(({ id }) => id));
    expect(ids.size).toBe(1_500);
  });

  test('weighs between 700 and 1,100 bytes, and its links more than that again', async () => {
    const { text: bare } = await ask(
      simulator,
      '/lists/demo/members?count=1000&exclude_fields=members._links',
    );
    const { text: full } = await ask(simulator, '/lists/demo/members?count=1000');
    const bareBytes = Buffer.byteLength(bare) / 1000;
    expect(bareBytes).toBeGreaterThan(700);
    expect(bareBytes).toBeLessThan(1_100);
    expect(Buffer.byteLength(full) / 1000).toBeGreaterThan(2 * bareBytes);
  });
});

describe('paging', () => {
  test('gives ten from the beginning unless told otherwise', async () => {
    const { json } = await ask(simulator, '/lists/demo/members');
    expect(json.members).toHaveLength(10);
    expect(json).toMatchObject({ list_id: 'demo', total_items: 1_500 });
    expect(json['_links'][0].rel).toBe('self');
  });

  test('covers the list once, a short page at its end and nothing beyond', async () => {
    const sorted = '&sort_field=last_changed&sort_dir=ASC';
    const first = await askMembers(simulator, `count=1000${sorted}`);
    const second = await askMembers(simulator, `count=1000&offset=1000${sorted}`);
    expect([first.length, second.length]).toEqual([1_000, 500]);
    expect(new Set([...first, ...second].map(({ id }) => id)).size).toBe(1_500);
    expect(await askMembers(simulator, `offset=1500${sorted}`)).toEqual([]);
    expect(await askMembers(simulator, `offset=999999999${sorted}`)).toEqual([]);
  });

  test('tells the total alone for count=0', async () => {
    const { json } = await ask(simulator, '/lists/demo/members?count=0&fields=members.id,total_items');
    expect(json).toEqual({ members: [], total_items: 1_500 });
  });

  test.each(['count=1001', 'count=-1', 'count=ten', 'count=', 'count=1.5', 'offset=-1', 'offset=x'])(
    'refuses %s with 400',
    async (query) => {
      const { status, headers, json } = await ask(simulator, `/lists/demo/members?${query}`);
      expect(status).toBe(400);
      expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(json).toMatchObject({ title: 'Invalid Resource', status: 400 });
      expect(json.errors[0].field).toBe(query.split('=')[0]);
    },
  );
});

const changes = (members: { last_changed: string }[]): string[] =>
  members.map(({ last_changed }) => last_changed);
const sortedIds = (members: { id: string }[]): string[] => members.map(({ id }) => id).toSorted();

describe('order and filters', () => {
  test('sorts by last_changed both ways, ascending by itself', async () => {
    const up = changes(await askMembers(simulator, 'count=1000&sort_field=last_changed&sort_dir=ASC'));
    const down = changes(await askMembers(simulator, 'count=1000&sort_field=last_changed&sort_dir=DESC'));
    const plain = changes(await askMembers(simulator, 'count=1000&sort_field=last_changed'));
    expect(up).toEqual(up.toSorted());
    expect(plain).toEqual(up);
    expect(down).toEqual(down.toSorted().toReversed());
    expect(down[0]).not.toBe(up.at(-1));
  });

  test('has another order when none is asked for: that of opting in', async () => {
    const members = await askMembers(simulator, 'count=1000');
    const optedIn: string[] = members.map(({ timestamp_opt }) => timestamp_opt);
    expect(optedIn).toEqual(optedIn.toSorted());
    expect(changes(members)).not.toEqual(changes(members).toSorted());
    const sorted = await askMembers(simulator, 'count=1000&sort_field=timestamp_opt');
    expect(sorted).toEqual(members);
  });

  test('filters by status, and has no archived members', async () => {
    const members = await askMembers(simulator, 'count=1000&status=unsubscribed');
    const unsubscribed = simulator.members('demo').filter(({ status }) => status === 'unsubscribed');
    expect(sortedIds(members)).toEqual(sortedIds(unsubscribed));
    expect(members[0].unsubscribe_reason).toBeDefined();
    expect(await askMembers(simulator, 'status=archived')).toEqual([]);
  });

  test.each(['sort_field=email', 'sort_dir=up', 'status=gone', 'since_last_changed=yesterday'])(
    'refuses %s with 400',
    async (query) => {
      const { status, json } = await ask(simulator, `/lists/demo/members?${query}`);
      expect(status).toBe(400);
      expect(json.errors).toHaveLength(1);
    },
  );

  test('says which filters it does not have instead of leaving them out', async () => {
    const { status, json } = await ask(simulator, '/lists/demo/members?vip_only=true');
    expect(status).toBe(501);
    expect(json.detail).toContain('vip_only');
  });
});

describe('fields', () => {
  test('only those asked for', async () => {
    const fields = 'members.id,members.merge_fields.FNAME,members.tags.name,total_items';
    const { json } = await ask(simulator, `/lists/demo/members?count=2&fields=${fields}`);
    expect(Object.keys(json)).toEqual(['members', 'total_items']);
    expect(Object.keys(json.members[0])).toEqual(['id', 'merge_fields', 'tags']);
    expect(Object.keys(json.members[0].merge_fields)).toEqual(['FNAME']);
  });

  test('all but those left out', async () => {
    const { json } = await ask(
      simulator,
      '/lists/demo/members?count=2&exclude_fields=_links,members._links,members.stats.avg_open_rate',
    );
    expect(Object.keys(json)).toEqual(['members', 'list_id', 'total_items']);
    expect(Object.keys(json.members[0])).not.toContain('_links');
    expect(Object.keys(json.members[0].stats)).toEqual(['avg_click_rate']);
  });

  test('leaving out the links alone changes nothing else', async () => {
    const { json } = await ask(simulator, '/lists/demo/members?count=1');
    const [bare] = await askMembers(simulator, 'count=1');
    const { _links: links, ...rest } = json.members[0];
    expect(links).toHaveLength(10);
    expect(bare).toEqual(rest);
  });

  test('both at once are refused, and so are names that do not exist', async () => {
    const both = await ask(simulator, '/lists/demo/members?fields=members.id&exclude_fields=members._links');
    expect(both.status).toBe(400);
    const unknown = await ask(simulator, '/lists/demo/members?fields=members.id,members.emial');
    expect(unknown.status).toBe(422);
    expect(unknown.json.detail).toContain('members.emial');
  });
});

describe('refusals', () => {
  test('a wrong key', async () => {
    const { status, json } = await ask(simulator, '/ping', { headers: { authorization: key('wrong-us1') } });
    expect(status).toBe(401);
    expect(json).toMatchObject({
      type: expect.stringContaining('mailchimp.com'),
      title: 'API Key Invalid',
      status: 401,
      detail: expect.stringContaining('API key may be invalid'),
      instance: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test('no key, or one in another scheme', async () => {
    const missing = await ask(simulator, '/ping', { headers: {} });
    expect([missing.status, missing.json.title]).toEqual([401, 'API Key Missing']);
    const bearer = await ask(simulator, '/ping', {
      headers: { authorization: `Bearer ${simulator.apiKey}` },
    });
    expect(bearer.status).toBe(401);
  });

  test.each(['/lists/nobody', '/lists/nobody/members', '/lists/demo/members/x', '/campaigns', '/lists/%ff'])(
    'nothing is at %s',
    async (path) => {
      const { status, json } = await ask(simulator, path);
      expect([status, json.title]).toEqual([404, 'Resource Not Found']);
    },
  );

  test('anything but GET', async () => {
    const { status, json } = await ask(simulator, '/lists', {
      method: 'POST',
      body: '{}',
      headers: { authorization: key(simulator.apiKey) },
    });
    expect([status, json.title]).toEqual([405, 'Method Not Allowed']);
  });
});
