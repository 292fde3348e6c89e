import { isAbort } from '../model/errors.ts';
import type { EntryName } from '../model/events.ts';
import type { Sink } from '../services/contract.ts';
import { createBudget } from '../sync/budget.ts';
import type { Processing } from '../sync/delivery.ts';
import { createWatch } from '../sync/watch.ts';
import type { SessionParts, SessionSignals } from './session-contract.ts';

export interface ProcessedRun {
  readonly name: EntryName;
  readonly runId: string;
  readonly sink: Sink;
  /** Records read so far, by the pages that are not confirmed too (S15). */
  readonly read: () => number;
  /** Dead letters of the pages that earlier sessions of the run confirmed. */
  readonly dead: number;
}

/**
 * What a session of a `processed` sink waits for consumers with; undefined for a sink that only holds chunks.
 * First of all it waits until what earlier sessions of the entry left in the queue is finished, so that nothing
 * overtakes it (S13, S14).
 */
export async function openProcessing(
  { name, runId, sink, read, dead }: ProcessedRun,
  { store, outage, clock, emit, giveUpMs }: SessionParts,
  { cancel, drain }: SessionSignals,
): Promise<Processing | undefined> {
  if (sink.grade === 'queued') return undefined;
  let wasUnattended = false;
  const tellWaiting = (chunks: number, workers: number): void => {
    const isUnattended = chunks > 0 && workers === 0;
    const unattended = isUnattended && !wasUnattended;
    // Told once for as long as nobody is there, also when all chunks were taken in between.
    wasUnattended = workers === 0 && (wasUnattended || isUnattended);
    emit({ type: 'chunks.waiting', entry: name, runId, queue: sink.name, chunks, workers, unattended });
  };
  const watch = createWatch({
    sink,
    runId,
    outage,
    clock,
    giveUpMs,
    onWaiting: tellWaiting,
  });
  const left = store.receipts.of(name.key);
  if (left.length > 0) {
    await watch.settled(left, AbortSignal.any([cancel, drain]));
    store.receipts.remove(name.key, left);
  }
  const budget = createBudget(dead, read);
  return {
    watch,
    receipts: {
      add: (id, page) => store.receipts.add(name.key, id, page),
      remove: (ids) => store.receipts.remove(name.key, ids),
    },
    onDead: (reason) => budget.spend(reason),
    drain,
  };
}

/** Whether an error is only the echo of a drain, which waits for no consumer: the session stops where it is (S19). */
export function isDrained(error: unknown, { cancel, drain }: SessionSignals): boolean {
  return isAbort(error) && drain.aborted && !cancel.aborted;
}
