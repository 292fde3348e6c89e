import { afterEach, describe, expect, test } from 'vitest';
import { SettingError } from '../../src/model/errors.ts';
import { startMailchimp, type MailchimpSimulator } from '../../src/simulator/mailchimp.ts';
import type { MailchimpOptions } from '../../src/simulator/mailchimp-options.ts';
import { parseFault } from '../../src/simulator/parse-fault.ts';
import { until } from '../support/until.ts';
import { ask, key } from './ask.ts';

const opened: MailchimpSimulator[] = [];
const open = async (options: MailchimpOptions): Promise<MailchimpSimulator> => {
  const simulator = await startMailchimp(options);
  opened.push(simulator);
  return simulator;
};
afterEach(async () => {
  for (const simulator of opened.splice(0)) await simulator.close();
});

async function statuses(simulator: MailchimpSimulator, requests: number): Promise<number[]> {
  const all = Array.from({ length: requests }, () => ask(simulator, '/lists/demo/members'));
  return (await Promise.all(all)).map(({ status }) => status);
}

describe('ten simultaneous requests', () => {
  test('are let through, again and again', async () => {
    const simulator = await open({ latencyMs: 30 });
    for (let round = 0; round < 3; round++) {
      expect(await statuses(simulator, 10)).toEqual(Array.from({ length: 10 }, () => 200));
    }
    expect(simulator.requests.greatestOpen).toBe(10);
  });

  test('and two more: two are refused with 429 and the words of Mailchimp', async () => {
    const simulator = await open({ latencyMs: 300 });
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(simulator, '/ping')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(2);
    expect(refused[0]?.json).toMatchObject({
      title: 'Too Many Requests',
      status: 429,
      detail: 'You have exceeded the limit of 10 simultaneous connections.',
    });
    expect(refused[0]?.headers.has('retry-after')).toBe(false);
    expect(simulator.requests).toMatchObject({ open: 0, byStatus: { 200: 10, 429: 2 } });
    expect(simulator.requests.greatestOpen).toBeGreaterThan(10);
  });

  test('are counted by key: those with a wrong key take no place', async () => {
    const simulator = await open({ maxConnections: 1, latencyMs: 50 });
    const [good, bad] = await Promise.all([
      ask(simulator, '/ping'),
      ask(simulator, '/ping', { headers: { authorization: key('wrong') } }),
    ]);
    expect([good.status, bad.status]).toEqual([200, 401]);
  });

  test('include those that hang, until their clients are gone', async () => {
    const simulator = await open({ maxConnections: 1, faults: [parseFault('hang:once')] });
    const client = new AbortController();
    const hanging = ask(simulator, '/ping', {
      headers: { authorization: key(simulator.apiKey) },
      signal: client.signal,
    });
    await until(() => simulator.requests.open === 1);
    expect((await ask(simulator, '/ping')).status).toBe(429);
    client.abort();
    await expect(hanging).rejects.toThrow('aborted');
    await until(() => simulator.requests.open === 0);
    expect((await ask(simulator, '/ping')).status).toBe(200);
  });

  test('twin: without the limit nothing is refused', async () => {
    const simulator = await open({ latencyMs: 30, maxConnections: 1_000 });
    expect(await statuses(simulator, 30)).not.toContain(429);
  });
});

describe('the simulator', () => {
  test('takes as long for an answer as it was told to', async () => {
    const simulator = await open({ latencyMs: 80 });
    const began = performance.now();
    await ask(simulator, '/ping');
    expect(performance.now() - began).toBeGreaterThan(75);
    simulator.setLatency(0);
    await ask(simulator, '/ping');
  });

  test('closes while requests wait, and frees its port', async () => {
    const simulator = await open({ latencyMs: 60_000 });
    const waiting = ask(simulator, '/ping');
    await until(() => simulator.requests.open === 1);
    await Promise.all([expect(waiting).rejects.toThrow('fetch failed'), simulator.close()]);
    const port = Number(new URL(simulator.url).port);
    const again = await open({ port });
    expect(again.url).toBe(simulator.url);
  });

  test('says so when its port is taken', async () => {
    const simulator = await open({});
    const port = Number(new URL(simulator.url).port);
    await expect(startMailchimp({ port })).rejects.toThrow(SettingError);
    await expect(startMailchimp({ port })).rejects.toThrow(`port ${port}`);
  });

  test.each([
    { lists: { demo: -1 } },
    { lists: { demo: 0.5 } },
    { lists: { demo: 30_000_000 } },
    { port: 70_000 },
    { maxConnections: 0 },
    { latencyMs: -1 },
    { changesPerSecond: Number.NaN },
    { departuresPerSecond: -1 },
    { joinsPerSecond: Infinity },
  ])('refuses %o', async (options) => {
    await expect(startMailchimp(options)).rejects.toThrow(SettingError);
  });

  test('can have an empty list', async () => {
    const simulator = await open({ lists: { demo: 0 }, changesPerSecond: 100 });
    simulator.advance(1_000);
    const { json } = await ask(simulator, '/lists/demo/members?sort_field=last_changed');
    expect(json).toMatchObject({ members: [], total_items: 0 });
    simulator.join('demo');
    expect(simulator.members('demo')).toHaveLength(1);
  });

  test('answers a page of a large list as it was asked for', async () => {
    const simulator = await open({
      lists: { demo: 100_000 },
      now: () => Date.UTC(2026, 10, 21),
      changesPerSecond: 1_000,
      departuresPerSecond: 100,
    });
    simulator.advance(60_000);
    const { json } = await ask(
      simulator,
      '/lists/demo/members?count=1000&offset=50000&sort_field=last_changed&exclude_fields=members._links',
    );
    expect(json.members).toHaveLength(1_000);
    expect(json.total_items).toBe(simulator.members('demo').length);
  });
});
