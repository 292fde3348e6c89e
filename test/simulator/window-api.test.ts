import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startMailchimp, type MailchimpSimulator } from '../../src/simulator/mailchimp.ts';
import { ask, askMembers } from './ask.ts';

const start = Date.UTC(2026, 10, 21, 12);
let simulator: MailchimpSimulator;
let ids: string[];

beforeEach(async () => {
  simulator = await startMailchimp({ lists: { demo: 50 }, now: () => start });
  // One change at 12:00:00.5, two at 12:00:02, one at 12:00:03.
  ids = simulator
    .members('demo')
    .slice(0, 4)
    .map(({ id }) => id);
  const [a = '', b = '', c = '', d = ''] = ids;
  simulator.advance(500);
  simulator.change('demo', a);
  simulator.advance(1_500);
  simulator.change('demo', b);
  simulator.change('demo', c);
  simulator.advance(1_000);
  simulator.change('demo', d);
});
afterEach(() => simulator.close());

const window = async (query: string): Promise<number[]> => {
  const members = await askMembers(simulator, `sort_field=last_changed&${query}`);
  return members.map(({ id }) => ids.indexOf(id));
};

describe('the time filters', () => {
  test('are exclusive at both ends, by whole seconds', async () => {
    expect(await window('since_last_changed=2026-11-21T12:00:00Z')).toEqual([1, 2, 3]);
    expect(await window('since_last_changed=2026-11-21T11:59:59Z')).toEqual([0, 1, 2, 3]);
    const upper = 'since_last_changed=2026-11-21T11:59:59Z&before_last_changed=2026-11-21T12:00:02Z';
    expect(await window(upper)).toEqual([0]);
  });

  test('can be inclusive, each by itself', async () => {
    await simulator.close();
    simulator = await startMailchimp({
      lists: { demo: 50 },
      now: () => start,
      boundsInclusive: { before: true },
    });
    const [a = ''] = ids;
    simulator.change('demo', a);
    expect(
      await window('since_last_changed=2026-11-21T11:59:59Z&before_last_changed=2026-11-21T12:00:00Z'),
    ).toEqual([0]);
    expect(await window('since_last_changed=2026-11-21T12:00:00Z')).toEqual([]);
  });

  test.each([
    ['Z', '2026-11-21T12:00:00Z'],
    ['an offset with a colon', '2026-11-21T12:00:00%2B00:00'],
    ['no zone', '2026-11-21T12:00:00'],
    ['fractions, which are cut off', '2026-11-21T12:00:00.999Z'],
    ['a plus that was not encoded', '2026-11-21T12:00:00+00:00'],
    ['a plus that was not encoded, without a colon', '2026-11-21T12:00:00+0000'],
    ['an offset, which is ignored', '2026-11-21T12:00:00-02:00'],
  ])('read a moment with %s', async (_, moment) => {
    expect(await window(`since_last_changed=${moment}`)).toEqual([1, 2, 3]);
  });

  test.each(['2026-11-21T12:00:00%2B0000', '2026-11-21', '2026-02-30T00:00:00Z', '1763726400', ''])(
    'refuse %s',
    async (moment) => {
      const { status, json } = await ask(simulator, `/lists/demo/members?since_last_changed=${moment}`);
      expect(status).toBe(400);
      expect(json.errors).toEqual([
        { field: 'since_last_changed', message: 'This value is not a valid datetime.' },
      ]);
    },
  );

  test('a window that is upside down is empty', async () => {
    const query = 'since_last_changed=2026-11-21T12:00:05Z&before_last_changed=2026-11-21T12:00:01Z';
    expect(await window(query)).toEqual([]);
  });
});

describe('a list that changes while it is read', () => {
  test('shows a change as a new last_changed, new content and a place at the end', async () => {
    const [before] = await askMembers(simulator, 'count=1&sort_field=last_changed');
    simulator.advance(10_000);
    simulator.change('demo', before.id);
    const after = (await askMembers(simulator, 'count=50&sort_field=last_changed')).at(-1);
    expect(after.id).toBe(before.id);
    expect(after.last_changed).toBe('2026-11-21T12:00:13+00:00');
    expect(after.merge_fields.POINTS).toBe(before.merge_fields.POINTS + 10);
  });

  test('has no trace of who left', async () => {
    const [gone = ''] = ids;
    simulator.depart('demo', gone);
    const { json } = await ask(simulator, '/lists/demo/members?count=50');
    expect(json.total_items).toBe(49);
    expect(JSON.stringify(json)).not.toContain(gone);
    expect(simulator.departed('demo')).toEqual([gone]);
    expect(() => simulator.change('demo', gone)).toThrow('not on the list');
  });

  test('shows who joined', async () => {
    const { id } = simulator.join('demo');
    const members = await askMembers(simulator, 'count=51&sort_field=last_changed');
    expect(members).toHaveLength(51);
    expect(members.at(-1).id).toBe(id);
    expect(members.at(-1).timestamp_opt).toBe('2026-11-21T12:00:03+00:00');
    expect(simulator.change('demo', id).id).toBe(id);
  });

  test('tells its clock in the Date header', async () => {
    const { headers } = await ask(simulator, '/ping');
    expect(headers.get('date')).toBe('Sat, 21 Nov 2026 12:00:03 GMT');
  });

  test('loses members for a client that pages by plain offsets, and none for one that reads a list at rest', async () => {
    expect(await lost(0)).toBe(0);
    expect(await lost(200)).toBeGreaterThan(50);
  });

  test('is the same list in the same order for the same seed and clock', async () => {
    expect(await read(7)).toBe(await read(7));
    expect(await read(7)).not.toBe(await read(8));
  });
});

/** How many unchanged members plain offsets miss. */
async function lost(changesPerSecond: number): Promise<number> {
  const moving = await startMailchimp({ lists: { demo: 2_000 }, now: () => start, changesPerSecond });
  try {
    const everyone = new Set(moving.members('demo').map(({ id }) => id));
    const seen = new Set<string>();
    for (let offset = 0; offset < 2_000; offset += 100) {
      const page = `count=100&offset=${offset}&sort_field=last_changed&before_last_changed=2026-11-21T12:00:00Z`;
      for (const { id } of await askMembers(moving, page)) seen.add(id);
      moving.advance(100);
    }
    const unchanged = moving
      .members('demo')
      .filter(({ last_changed }) => last_changed < '2026-11-21T12:00:00');
    return unchanged.filter(({ id }) => everyone.has(id) && !seen.has(id)).length;
  } finally {
    await moving.close();
  }
}

/** A page of a list that has lived for 10 s. */
async function read(seed: number): Promise<string> {
  const one = await startMailchimp({
    lists: { demo: 300 },
    seed,
    now: () => start,
    changesPerSecond: 50,
    departuresPerSecond: 5,
    joinsPerSecond: 5,
  });
  try {
    one.advance(10_000);
    const { text } = await ask(one, '/lists/demo/members?count=1000&exclude_fields=members._links,_links');
    return text;
  } finally {
    await one.close();
  }
}
