import { demoQueue } from '../model/queues.ts';
import type { MailchimpOptions } from '../simulator/mailchimp-options.ts';
import type { MailchimpSimulator } from '../simulator/mailchimp.ts';
import { createSink } from '../sink/registry.ts';
import type { Service } from './contract.ts';
import { checkListEntry, openList } from './lists.ts';

/** The list that the demo's simulator serves. */
export const demoList = 'demo';

/** Loaded only where there is a demo. */
async function start(options: MailchimpOptions): Promise<MailchimpSimulator> {
  const { startMailchimp } = await import('../simulator/mailchimp.ts');
  return await startMailchimp(options);
}

/** A list of made-up members that lives inside the process, so that a first start has something to sync. */
export function createDemoService(): Service {
  let simulator: Promise<MailchimpSimulator> | undefined;
  return {
    name: 'demo',
    defaults: { itemsPerRequest: 100, workerCount: 4 },
    check: checkListEntry,
    async openSource(_entry, { client, quotas }) {
      simulator ??= start({
        lists: { [demoList]: 5000 },
        latencyMs: 80,
        changesPerSecond: 3,
        departuresPerSecond: 0.2,
        joinsPerSecond: 0.2,
      });
      const { url, apiKey } = await simulator.catch((error: unknown) => {
        simulator = undefined;
        throw error;
      });
      return openList({ listId: demoList, apiKey, baseUrl: url, client, quotas });
    },
    openSink: (entry, { queue }) =>
      createSink(entry.sink, { store: queue, queue: demoQueue, jobName: demoList }),
    async close() {
      const started = simulator;
      simulator = undefined;
      await (await started)?.close();
    },
  };
}
