import { chainedKills } from '../../src/cli/selftest/points.ts';
import { openSisOrigin } from '../../src/cli/selftest/sis-origin.ts';
import { at, describeMatrix } from './matrix.ts';

/** What chained pages have of their own; the file and the database are the same as for ranged ones. */
const own = at(
  chainedKills,
  'run.mark.after',
  'page.asked.after',
  'chunk.add.before',
  'chunk.add.after',
  'chunk.reply.lost',
  'page.confirmed',
  'store.run.checkpoint.after',
  'run.drained',
  'store.run.complete.after',
  'state.rename.after',
  'store.receipt.add.before',
  'store.receipt.add.after',
  'store.receipt.remove.before',
  'store.receipt.remove.after',
  'store.run.intend.after',
  'store.run.advanced.after',
);

describeMatrix('chained', {
  openOrigin: openSisOrigin,
  all: chainedKills,
  redis: own,
  embedded: at(own, 'chunk.add.after', 'store.run.checkpoint.after', 'store.run.intend.after'),
  postgres: at(own, 'chunk.add.after', 'store.receipt.add.after', 'store.receipt.remove.before'),
});
