import { describeRangedSource } from '../conformance/source.ts';
import { openMailchimpWorld } from './mailchimp-world.ts';

describeRangedSource('Mailchimp', openMailchimpWorld);
describeRangedSource('Mailchimp, if its bounds turn out to be inclusive', () =>
  openMailchimpWorld({ boundsInclusive: { since: true, before: true } }),
);
