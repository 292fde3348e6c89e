import { scatter } from './random.ts';

/** apis.md 1.3; members of the last two kinds do not occur here. */
export const memberStatuses = [
  'subscribed',
  'unsubscribed',
  'cleaned',
  'pending',
  'transactional',
  'archived',
] as const;

export type MemberStatus = (typeof memberStatuses)[number];

/** The status of a member after its `version`-th change; about one in eight is not subscribed. */
export function statusOf(member: number, version: number): MemberStatus {
  const share = scatter(member, version + 1000) % 100;
  if (share < 88) return 'subscribed';
  if (share < 96) return 'unsubscribed';
  return share < 98 ? 'cleaned' : 'pending';
}
