import { RunError } from '../model/errors.ts';
import type { ChainedPage } from '../model/record.ts';

/** How many empty pages in a row may say that there is more (S10). */
const mostEmptyPages = 9;

/**
 * Whether a page may follow the ordinal it was asked for: the chain must move on, or be at its end (S10).
 * @throws RunError when it repeats or goes back
 */
export function checkLink(after: number, { records, next, hasMore }: ChainedPage): void {
  const stands = next <= after;
  if (!stands || (!hasMore && records.length === 0)) return;
  const how =
    next === after ? `repeats the ordinal ${after}` : `goes back from the ordinal ${after} to ${next}`;
  throw broken(`the source ${how}`);
}

/** Counts empty pages in a row that say there is more. */
export function createEmptyPages(): { count(page: ChainedPage): void } {
  let empty = 0;
  return {
    count({ records, hasMore }) {
      empty = records.length === 0 && hasMore ? empty + 1 : 0;
      if (empty > mostEmptyPages)
        throw broken(`the source says ${empty} times in a row that there is more, and gives nothing`);
    },
  };
}

function broken(what: string): RunError {
  return new RunError(what, {
    code: 'run.chain_broken',
    recovery: 'stop',
    hint: 'the cursor stays at the last page that was confirmed; if it lasts, report it to whoever runs the source',
  });
}
