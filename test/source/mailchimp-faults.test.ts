import { afterEach, expect, test } from 'vitest';
import type { EventBody } from '../../src/model/events.ts';
import { createHttpClient } from '../../src/net/client.ts';
import { createQuotas } from '../../src/net/quota.ts';
import { createTraffic } from '../../src/net/traffic.ts';
import { type MailchimpSimulator, startMailchimp } from '../../src/simulator/mailchimp.ts';
import { parseFault } from '../../src/simulator/parse-fault.ts';
import { createMailchimpSource } from '../../src/source/mailchimp.ts';
import { createRecordingClock } from '../net/recording-clock.ts';

let simulator: MailchimpSimulator | undefined;
afterEach(() => simulator?.close());

const faults = [
  '429:0.03',
  '429:0.03:retry-after=2',
  '503:0.03:retry-after=date+5',
  '403:0.03:empty',
  'truncate:0.03',
  'truncate:0.03:framed',
  'reset:0.03',
  'html:0.03',
];

test('two entries of one account with 15 readers each read all members once through every kind of fault', async () => {
  const members = 6000;
  const limit = 50;
  simulator = await startMailchimp({
    lists: { a: members, b: members },
    faults: faults.map(parseFault),
    latencyMs: 2,
  });
  const clock = createRecordingClock();
  const events: EventBody[] = [];
  const client = createHttpClient({ clock, random: () => 0.1, emit: (event) => events.push(event) });
  const quotas = createQuotas({ clock });
  const traffic = createTraffic();
  const until = Math.floor(simulator.now() / 1000) - 5;
  const { url: baseUrl, apiKey } = simulator;

  async function readList(listId: string): Promise<Map<string, number>> {
    const onAttempt = traffic.count;
    const source = createMailchimpSource({ listId, apiKey, baseUrl, client, quotas, onAttempt });
    const seen = new Map<string, number>();
    const offsets = Array.from({ length: members / limit }, (_, page) => page * limit);
    const reader = async (): Promise<void> => {
      for (let offset = offsets.shift(); offset !== undefined; offset = offsets.shift()) {
        const request = { window: { since: null, until }, offset, limit };
        const { records } = await source.read(request, new AbortController().signal);
        for (const { key = '' } of records) seen.set(key, (seen.get(key) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 15 }, reader));
    return seen;
  }

  const lists = await Promise.all([readList('a'), readList('b')]);
  for (const seen of lists) {
    expect(seen.size).toBe(members);
    expect(new Set(seen.values())).toEqual(new Set([1]));
  }
  const { requests } = simulator;
  expect(requests.greatestOpen).toBeLessThanOrEqual(10);
  expect(Object.keys(requests.byFault)).toHaveLength(faults.length);
  expect(traffic.totals().requests).toBe(requests.total);
  expect(events).toHaveLength(requests.total - (2 * members) / limit);
  await client.close();
});
