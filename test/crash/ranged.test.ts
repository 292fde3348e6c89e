import { openMailchimpOrigin } from '../../src/cli/selftest/mailchimp-origin.ts';
import { rangedKills } from '../../src/cli/selftest/points.ts';
import { at, describeMatrix } from './matrix.ts';

/** Where the stores differ. */
const differing = at(
  rangedKills,
  'run.mark.after',
  'chunk.add.before',
  'chunk.add.after',
  'chunk.reply.lost',
  'page.confirmed',
  'run.drained',
  'state.rename.after',
);

describeMatrix('ranged', {
  openOrigin: openMailchimpOrigin,
  all: rangedKills,
  redis: rangedKills,
  // A start that recovers the embedded database costs more than twice as much.
  embedded: at(differing, 'chunk.add.before', 'chunk.add.after', 'page.confirmed', 'run.drained'),
  postgres: differing,
});
