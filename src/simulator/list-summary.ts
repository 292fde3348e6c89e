import type { EpochSeconds } from '../model/time.ts';
import { pathLinks } from './links.ts';
import { apiTime } from './api-time.ts';
import { memberStatuses, statusOf, type MemberStatus } from './member-status.ts';
import type { Population } from './population.ts';

/** A list as `GET /lists/{id}` gives it. */
export function summarise(id: string, base: string, population: Population) {
  const counts = new Map<MemberStatus, number>(memberStatuses.map((status) => [status, 0]));
  let newest: EpochSeconds = 0;
  for (let member = 0; member < population.everJoined(); member++) {
    if (!population.isPresent(member)) continue;
    const status = statusOf(member, population.version(member));
    counts.set(status, (counts.get(status) ?? 0) + 1);
    newest = Math.max(newest, population.optedIn(member));
  }
  return listSummary(id, base, counts, newest);
}

export function listSummary(
  id: string,
  base: string,
  counts: ReadonlyMap<MemberStatus, number>,
  newest: EpochSeconds,
) {
  return {
    id,
    web_id: 100_000,
    name: `Simulated list ${id}`,
    contact: { company: 'Example', address1: '', city: 'Turku', state: '', zip: '20100', country: 'FI' },
    permission_reminder: 'You are simulated.',
    email_type_option: true,
    stats: {
      // Mailchimp counts the subscribed only, so this is less than the total_items of the members.
      member_count: counts.get('subscribed') ?? 0,
      unsubscribe_count: counts.get('unsubscribed') ?? 0,
      cleaned_count: counts.get('cleaned') ?? 0,
      merge_field_count: 5,
      last_sub_date: newest === 0 ? '' : apiTime(newest),
    },
    _links: pathLinks(base, `/lists/${id}`),
  };
}
