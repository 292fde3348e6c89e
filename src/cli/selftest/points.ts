/** A kill to come: where, and what else goes wrong in that start. */
export interface PlannedKill {
  readonly point: string;
  /** At which passing, if the start comes that far; otherwise at the first. */
  readonly passing?: number;
  /** The start is asked to quit when it has published something new and then confirmed a page. */
  readonly quits?: boolean;
  /** Every third delivery of the start is committed and its reply lost. */
  readonly losesReplies?: boolean;
}

/**
 * Every fail point that a run of ranged pages passes, in an order that kills the full load in its middle first. What is
 * told as an event is a point of that name; the rest is around an effect.
 */
export const rangedKills: readonly PlannedKill[] = [
  { point: 'store.replace.before' },
  { point: 'store.replace.rename' },
  { point: 'store.replace.after' },
  { point: 'store.run.begin.before' },
  { point: 'store.run.begin.after' },
  { point: 'run.mark.before' },
  { point: 'run.mark.after' },
  { point: 'page.asked.before', passing: 3 },
  { point: 'page.asked.after', passing: 2 },
  { point: 'chunk.add.before', passing: 3 },
  { point: 'chunk.add.after', passing: 2 },
  { point: 'chunk.reply.lost', losesReplies: true },
  { point: 'chunk.add.after', passing: 3, losesReplies: true },
  { point: 'page.confirmed', passing: 3 },
  { point: 'store.run.checkpoint.before' },
  { point: 'store.run.checkpoint.after' },
  { point: 'quit.requested', quits: true },
  { point: 'run.drained', quits: true },
  { point: 'controller.stopped', quits: true },
  { point: 'store.entries.before' },
  { point: 'store.entries.after' },
  { point: 'store.run.complete.before' },
  { point: 'store.run.complete.after' },
  { point: 'generation.create.before' },
  { point: 'generation.create.after' },
  { point: 'generation.sync.after' },
  { point: 'generation.rename.after' },
  { point: 'generation.prune.after' },
  { point: 'state.create.before' },
  { point: 'state.create.after' },
  { point: 'state.sync.after' },
  { point: 'state.link.after' },
  { point: 'state.compare.after' },
  { point: 'state.rename.after' },
  { point: 'state.folder.before' },
  { point: 'state.folder.after' },
  { point: 'store.run.done.before' },
  { point: 'store.run.done.after' },
  { point: 'state.look.before' },
  { point: 'run.finished' },
  { point: 'controller.stopped' },
];

/** The same for chained pages. In the middle of a run the ordinal goes into the file, and receipts into the database. */
export const chainedKills: readonly PlannedKill[] = [
  ...rangedKills,
  { point: 'store.receipt.add.before' },
  { point: 'store.receipt.add.after' },
  { point: 'store.receipt.remove.before' },
  { point: 'store.receipt.remove.after' },
  { point: 'store.run.intend.before', quits: true },
  { point: 'store.run.intend.after', quits: true },
  { point: 'store.run.advanced.before', quits: true },
  { point: 'store.run.advanced.after', quits: true },
  { point: 'run.advanced', quits: true },
];
