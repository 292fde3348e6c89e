import type { Entry } from '../model/entry.ts';
import { SettingError } from '../model/errors.ts';
import { createTraffic } from '../net/traffic.ts';
import { createSink } from '../sink/registry.ts';
import { createMailchimpSource, type MailchimpOptions } from '../source/mailchimp.ts';
import type { EntryFault, OpenedRanged, Service } from './contract.ts';
import { itemsFault, sinkFault } from './entry-faults.ts';

/** The queue that lists go to; the job's name is the list's id (issue 2, section 4). */
export const listsQueue = 'lists';

/** What Mailchimp allows for one page (apis.md 1.2). */
const maxItems = 1000;

/** Mailchimp list members into the queue `lists`. An entry with a `list_id` and no `service` runs by this. */
export function createListsService(): Service {
  return {
    name: 'lists',
    // The old importer's defaults (systems.md 8.4).
    defaults: { itemsPerRequest: 100, workerCount: 8 },
    check: checkListEntry,
    openSource: (entry, { env, client, quotas }) => {
      const key = accountSetting('MAILCHIMP_APIKEY', entry.account);
      const connection = {
        apiKey: required(env, key),
        keyName: key,
        baseUrl: env['MAILCHIMP_URL'] || undefined,
      };
      return Promise.resolve(openList({ listId: entry.list_id ?? '', ...connection, client, quotas }));
    },
    openSink: (entry, { queue }) =>
      createSink(entry.sink, { store: queue, queue: listsQueue, jobName: entry.list_id ?? '' }),
    close: () => Promise.resolve(),
  };
}

/** A Mailchimp list with its traffic counted. */
export function openList(options: Omit<MailchimpOptions, 'onAttempt'>): OpenedRanged {
  const traffic = createTraffic();
  const source = createMailchimpSource({ ...options, onAttempt: (attempt) => traffic.count(attempt) });
  return { kind: 'ranged', source, traffic: () => traffic.totals() };
}

/** What all services that read Mailchimp lists ask of an entry. */
export function checkListEntry(entry: Entry): EntryFault | undefined {
  const fault = itemsFault(entry, maxItems, 'Mailchimp') ?? sinkFault(entry);
  if (fault) return fault;
  if (entry.latest_ordinal !== undefined && entry.latest_ordinal !== null) {
    return { field: 'latest_ordinal', message: 'does not fit here: lists are followed by latest_timestamp' };
  }
  return undefined;
}

/** `"account": "x"` selects the setting with `_X` at its end (S21). */
function accountSetting(name: string, account: string | undefined): string {
  return account === undefined ? name : `${name}_${account.toUpperCase()}`;
}

function required(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name]?.trim();
  if (value) return value;
  throw new SettingError(`${name} is not set`, `put it into .env or the environment: ${name}=...-us21`);
}
