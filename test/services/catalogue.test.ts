import { describe, expect, onTestFinished, test } from 'vitest';
import type { Entry } from '../../src/model/entry.ts';
import { systemClock } from '../../src/model/clock.ts';
import { createHttpClient } from '../../src/net/client.ts';
import { createQuotas } from '../../src/net/quota.ts';
import { type Catalogue, createCatalogue } from '../../src/services/catalogue.ts';
import type { OpenedRanged, OpenedSource, Service } from '../../src/services/contract.ts';
import { sisuServices } from '../../src/services/sisu.ts';
import { parseState } from '../../src/state/parse.ts';
import { startMailchimp } from '../../src/simulator/mailchimp.ts';

const known = ['demo', 'sisu', ...sisuServices.map(({ id }) => id)].map((name) => `"${name}"`).join(', ');

function open(): Catalogue {
  const catalogue = createCatalogue();
  onTestFinished(() => catalogue.close());
  return catalogue;
}

describe('an entry that no service can run is pointed at', () => {
  test.each<[string, Entry, string | undefined]>([
    ['a list', { list_id: 'a' }, undefined],
    ['the demo', { service: 'demo' }, undefined],
    ['an unknown service', { service: 'nope' }, `"service" must be one of: ${known}`],
    [
      'a service named like a property of every object',
      { service: 'toString' },
      `"service" must be one of: ${known}`,
    ],
    [
      '"lists" by name, which has no list to read',
      { service: 'lists' },
      '"service" is not for lists: write "list_id": "the id of the list" in its place',
    ],
    ['pages at the limit', { list_id: 'a', items_per_request: 1000 }, undefined],
    [
      'pages larger than Mailchimp gives',
      { list_id: 'a', items_per_request: 5000 },
      '"items_per_request" must be at most 1000: Mailchimp gives no larger pages',
    ],
    [
      'the same for the demo, which reads the same way',
      { service: 'demo', items_per_request: 1001 },
      '"items_per_request" must be at most 1000: Mailchimp gives no larger pages',
    ],
    ['its sink', { list_id: 'a', sink: 'bullmq' }, undefined],
    ['another sink', { list_id: 'a', sink: 'ometria' }, '"sink" must be one of: "bullmq"'],
    [
      'a cursor of the other kind',
      { list_id: 'a', latest_ordinal: 5 },
      '"latest_ordinal" does not fit here: lists are followed by latest_timestamp',
    ],
    ['no cursor of the other kind', { list_id: 'a', latest_ordinal: null }, undefined],
  ])('%s', (_name, entry, problem) => {
    const fault = open().check(entry);
    expect(fault && `"${fault.field}" ${fault.message}`).toBe(problem);
  });

  test('in the file, with line and column, and the others run', () => {
    const catalogue = open();
    const text = '[\n  { "list_id": "a", "items_per_request": 5000 },\n  { "list_id": "b" }\n]';
    const parsed = parseState(text, { file: 'state.json', check: (entry) => catalogue.check(entry) });
    expect(parsed.ok && parsed.entries.map(({ problem }) => problem)).toEqual([
      expect.objectContaining({ line: 2, column: 42 }),
      undefined,
    ]);
  });

  test('and is refused when it is asked for all the same', () => {
    expect(() => open().of({ service: 'nope' })).toThrow(RangeError);
  });
});

test('a service of one’s own is a line in the list, and closed in reverse order', async () => {
  const closed: string[] = [];
  const service = (name: string): Service => ({
    ...open().of({ list_id: 'a' }),
    name,
    close: () => Promise.resolve(void closed.push(name)),
  });
  const catalogue = createCatalogue([service('lists'), service('mine')]);
  expect(catalogue.of({ service: 'mine' }).name).toBe('mine');
  expect(catalogue.of({ list_id: 'x' }).name).toBe('lists');
  expect(catalogue.check({ service: 'other' })?.message).toBe('must be one of: "mine"');
  await catalogue.close();
  expect(closed).toEqual(['mine', 'lists']);
});

describe('the source of an entry', () => {
  test('takes the key of its account', async () => {
    const simulator = await startMailchimp({ apiKey: 'shop-key-us1', lists: { a: 7 } });
    onTestFinished(() => simulator.close());
    const env = {
      MAILCHIMP_URL: simulator.url,
      MAILCHIMP_APIKEY: 'other-us1',
      MAILCHIMP_APIKEY_SHOP: ' shop-key-us1 ',
    };
    for (const account of ['shop', 'SHOP', 'Shop']) {
      const { source, traffic } = await openSource({ list_id: 'a', account }, env);
      expect(await source.probe(null, soon())).toMatchObject({ total: 7 });
      expect(traffic().requests).toBe(1);
    }
    const { source } = await openSource({ list_id: 'a' }, env);
    await expect(source.probe(null, soon())).rejects.toMatchObject({
      code: 'source.unauthorized',
      hint: expect.stringContaining('MAILCHIMP_APIKEY'),
    });
  });

  test.each([
    [{ list_id: 'a' }, 'MAILCHIMP_APIKEY'],
    [{ list_id: 'a', account: 'shop' }, 'MAILCHIMP_APIKEY_SHOP'],
  ])('without its key says which variable to set', async (entry, name) => {
    for (const value of [{}, { [name]: ' ' }]) {
      await expect(openSource(entry, value)).rejects.toMatchObject({
        message: `${name} is not set`,
        hint: `put it into .env or the environment: ${name}=...-us21`,
      });
    }
  });

  test('of the demo needs no key, and all its runs read the same list', async () => {
    const catalogue = open();
    const client = createHttpClient({ clock: systemClock, random: Math.random, emit: () => {} });
    onTestFinished(() => client.close());
    const context = { env: {}, client, quotas: createQuotas({ clock: systemClock }) };
    const demo = catalogue.of({ service: 'demo' });
    const openDemo = async () => asRanged(await demo.openSource({ service: 'demo' }, context));
    const [one, two] = await Promise.all([openDemo(), openDemo()]);
    const totals = await Promise.all([one.source.probe(null, soon()), two.source.probe(null, soon())]);
    for (const { total } of totals) expect(total).toBeGreaterThan(4900);
    await catalogue.close();
    await catalogue.close();
    await expect(
      one.source.probe(null, AbortSignal.any([soon(), AbortSignal.timeout(300)])),
    ).rejects.toThrow();
  });
});

async function openSource(entry: Entry, env: Record<string, string>): Promise<OpenedRanged> {
  const client = createHttpClient({ clock: systemClock, random: Math.random, emit: () => {} });
  onTestFinished(() => client.close());
  const quotas = createQuotas({ clock: systemClock });
  return asRanged(await open().of(entry).openSource(entry, { env, client, quotas }));
}
const soon = (): AbortSignal => AbortSignal.timeout(5000);

function asRanged(opened: OpenedSource): OpenedRanged {
  if (opened.kind !== 'ranged') throw new TypeError(`a ranged source was expected, not a ${opened.kind} one`);
  return opened;
}
