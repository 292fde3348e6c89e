import type { Redact } from '../net/redact.ts';
import type { RefusalWords } from './refusal.ts';

/** How Mailchimp's refusals are told. `keyName` is the setting the key came from. */
export function mailchimpWords({
  listId,
  keyName,
  redact,
}: {
  readonly listId: string;
  readonly keyName: string;
  readonly redact: Redact;
}): RefusalWords {
  return {
    system: 'Mailchimp',
    credential: 'the key',
    redact,
    notFound: `no list "${listId}" in this account`,
    hints: {
      unauthorized: `check ${keyName}`,
      forbidden: `check that the account of ${keyName} is active, may read lists, and that the data centre is its own`,
      notFound: (explained) =>
        explained ? 'check list_id' : 'check list_id, and MAILCHIMP_URL if you set it',
      unexpected: 'check MAILCHIMP_URL if you set it',
    },
  };
}
