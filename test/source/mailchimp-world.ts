import { parseTimestamp } from '../../src/model/time.ts';
import { createHttpClient } from '../../src/net/client.ts';
import { createQuotas } from '../../src/net/quota.ts';
import { createMailchimpSource } from '../../src/source/mailchimp.ts';
import { type MailchimpSimulator, startMailchimp } from '../../src/simulator/mailchimp.ts';
import type { MailchimpOptions as SimulatorOptions } from '../../src/simulator/mailchimp-options.ts';
import { parseFault } from '../../src/simulator/parse-fault.ts';
import type { SourceWorld } from '../conformance/source-world.ts';
import { createRecordingClock } from '../net/recording-clock.ts';
import { json, startScriptedServer } from '../net/scripted-server.ts';

/** The Mailchimp source over a simulated list of 600 members, for the conformance suite. */
export async function openMailchimpWorld(options: SimulatorOptions = {}): Promise<SourceWorld> {
  const listId = 'people';
  const simulator = await startMailchimp({ lists: { [listId]: 600 }, ...options });
  const noKey = { email_address: 'a@b.org', last_changed: '2026-01-01T00:00:00+00:00' };
  const keyless = await startScriptedServer(json({ members: [noKey], total_items: 1 }));
  const clock = createRecordingClock();
  const client = createHttpClient({ clock, random: () => 0, emit: () => undefined });
  const quotas = createQuotas({ clock });
  const base = { listId, baseUrl: simulator.url, apiKey: simulator.apiKey, client, quotas };
  const secret = '0123456789abcdef0123456789abcdef-us1';
  return {
    source: createMailchimpSource(base),
    sibling: (quota) =>
      createMailchimpSource({ ...base, quotas: quota === 'shared' ? quotas : createQuotas({ clock }) }),
    unauthorized: createMailchimpSource({ ...base, apiKey: secret }),
    secret,
    keyless: createMailchimpSource({ ...base, baseUrl: keyless.url.href }),
    records: recordsOf(simulator, listId),
    now: () => simulator.now(),
    limit: 10,
    busiest: () => simulator.requests.greatestOpen,
    open: () => simulator.requests.open,
    slowDown: (ms) => simulator.setLatency(ms),
    breakAnswers: (times) => simulator.setFaults([parseFault(`truncate:times=${times}`)]),
    hang: () => simulator.setFaults([parseFault('hang')]),
    close: async () => {
      await client.close();
      await Promise.all([simulator.close(), keyless.close()]);
    },
  };
}

function recordsOf(simulator: MailchimpSimulator, listId: string): SourceWorld['records'] {
  return simulator.members(listId).map(({ id, last_changed: changed }) => ({
    key: id,
    version: parseTimestamp(changed) ?? 0,
  }));
}
