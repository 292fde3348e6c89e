import type { MailchimpOptions } from './mailchimp-options.ts';
import { atLeastZero, whole } from './option-numbers.ts';

/** More would not fit the numbering of members (change-order.ts). */
const mostMembers = 10_000_000;

/** Throws SettingError for an option that cannot be. */
export function checkOptions(options: MailchimpOptions): void {
  for (const [list, members] of Object.entries(options.lists ?? {})) {
    whole(`members of list "${list}"`, members, 0, mostMembers);
  }
  whole('port', options.port ?? 0, 0, 65_535);
  whole('maxConnections', options.maxConnections ?? 10, 1, 1_000_000);
  atLeastZero('latencyMs', options.latencyMs ?? 0);
  atLeastZero('changesPerSecond', options.changesPerSecond ?? 0);
  atLeastZero('departuresPerSecond', options.departuresPerSecond ?? 0);
  atLeastZero('joinsPerSecond', options.joinsPerSecond ?? 0);
}
