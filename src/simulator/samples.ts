import { memberLinks, pathLinks } from './links.ts';
import { listSummary } from './list-summary.ts';
import { memberJson } from './member.ts';

/** Answers in which every property occurs that an answer can have: what `fields` may name. */
export const sampleList = listSummary('sample', '', new Map(), 0);

export const sampleLists = {
  lists: [sampleList],
  total_items: 1,
  constraints: { may_create: false, max_instances: 1, current_total_instances: 1 },
  _links: pathLinks('', '/lists'),
};

const sampleMember: object = {
  ...JSON.parse(memberJson({ listId: 'sample', member: 0, version: 0, lastChanged: 0, optedIn: 0 })),
  unsubscribe_reason: '',
  tags: [{ id: 1, name: '' }],
  _links: memberLinks('', 'sample', ''),
};

export const sampleMembers = {
  members: [sampleMember],
  list_id: 'sample',
  total_items: 1,
  _links: pathLinks('', '/lists/sample/members'),
};
