import type { Clock } from '../model/clock.ts';
import { isAbort } from '../model/errors.ts';
import type { Emit, EntryName, RunTotals } from '../model/events.ts';
import { type ChainedPage, type DeadLetter, maxUnconfirmedChunks } from '../model/record.ts';
import type { Traffic } from '../model/traffic.ts';
import type { ChainedSource } from '../source/contract.ts';
import { createBell } from './bell.ts';
import { type ChainedClaim, createChainedClaims } from './chained-claims.ts';
import { checkLink, createEmptyPages } from './chain.ts';
import { type Delivery, lettersOf } from './delivery.ts';
import type { Gate } from './gate.ts';
import { createHolds, type Hold } from './holds.ts';
import type { Overlap } from './overlap.ts';
import { createPageCounts } from './page-counts.ts';
import { createProgress, type ProgressPoint } from './progress.ts';
import { addSession } from './totals.ts';
import { createWaits } from './waits.ts';

/** One session of a chained run: from its checkpoint as far as it gets. */
export interface ChainedRun {
  readonly entry: EntryName;
  readonly service: string;
  readonly runId: string;
  /** `latest_ordinal` when the run began. */
  readonly cursor: number;
  /** Behind which ordinal this session begins to read: the overlap's beginning, or the checkpoint. */
  readonly after: number;
  readonly checkpoint: ProgressPoint;
  /** Key and version of what the run before published within this one's overlap. */
  readonly known: ReadonlyMap<string, string>;
  /** What earlier sessions of the run did. */
  readonly totals: RunTotals;
}

export interface ChainedParts {
  readonly source: ChainedSource;
  readonly traffic: () => Traffic;
  readonly delivery: Delivery;
  readonly overlap: Overlap;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly emit: Emit;
  /** The entry's fields as they are now; a change applies from the next page (S4). */
  readonly live: () => { readonly workerCount: number; readonly itemsPerRequest: number };
  readonly save: (point: ChainedPoint, totals: RunTotals) => void;
  readonly bury: (letters: readonly DeadLetter[]) => void;
  /** Ends the session at once. */
  readonly cancel: AbortSignal;
  /** Asks for no new page, and waits for no consumer; what was asked for is published (S19). */
  readonly drain: AbortSignal;
}

/** A checkpoint, with what a run after this one needs to know if this one ends here. */
export interface ChainedPoint extends ProgressPoint {
  readonly overlapFrom: number;
  readonly tail: ReadonlyMap<string, string>;
}

export interface ChainedOutcome {
  readonly kind: 'complete' | 'drained';
  readonly totals: RunTotals;
  /** The greatest ordinal that was read to its end; never below the cursor (invariant 3). */
  readonly ordinal: number;
  readonly overlapFrom: number;
  readonly tail: ReadonlyMap<string, string>;
}

/**
 * Follows the pages of a chained source, publishes each in the order of its keys and keeps the checkpoint. The next page
 * is read while those before it are confirmed, at most `worker_count` of them (S8, S10, S14).
 * @throws SourceError, QueueError, RunError; an AbortError when `cancel` aborts. The checkpoint is saved in any case.
 */
export async function runChained(run: ChainedRun, parts: ChainedParts): Promise<ChainedOutcome> {
  const { source, delivery, overlap, clock, emit, cancel, drain } = parts;
  const began = clock.elapsed();
  const counts = createPageCounts();
  const waits = createWaits(clock);
  const totals = (): RunTotals => {
    const traffic = parts.traffic();
    const seconds = (clock.elapsed() - began) / 1000;
    const done = counts.before(run.checkpoint.nextPage + progress.prefix);
    const session = { ...done, reread: 0, traffic, seconds, waitedMs: waits.totals(traffic) };
    return addSession(run.totals, session, run.totals.read + progress.read);
  };
  const progress = createProgress({
    start: run.checkpoint,
    clock,
    // What was read beyond the checkpoint is not delivered: a run after this one must not begin behind it either.
    save(point) {
      const overlapFrom = Math.min(overlap.from(), point.version ?? run.after);
      parts.save({ ...point, overlapFrom, tail: claims.takeTail(overlapFrom) }, totals());
    },
  });
  const claims = createChainedClaims(run.service, run.cursor, run.known);
  const holds = createHolds();
  const failure = new AbortController();
  const signal = AbortSignal.any([cancel, failure.signal]);
  const asking = AbortSignal.any([signal, drain]);
  const confirmed = createBell(asking);
  const tasks = new Set<Promise<void>>();
  const emptyPages = createEmptyPages();
  let after = run.after;
  let page = run.checkpoint.nextPage;
  let ended = false;

  const read = async (number: number): Promise<ChainedPage> => {
    const asked = clock.elapsed();
    const askedAt = clock.now();
    const limit = parts.live().itemsPerRequest;
    emit({ type: 'page.asked', entry: run.entry, runId: run.runId, page: number, worker: 1 });
    const answer = await source.read({ after, limit }, signal);
    overlap.note(answer, { askedAt, answeredAt: clock.now() });
    emit({
      type: 'page.read',
      entry: run.entry,
      runId: run.runId,
      page: number,
      worker: 1,
      ordinal: answer.next,
      records: answer.records.length,
      ms: clock.elapsed() - asked,
    });
    return answer;
  };

  const handle = async (
    number: number,
    answer: ChainedPage,
    claim: ChainedClaim,
    hold: Hold,
  ): Promise<void> => {
    let isConfirmed = false;
    try {
      // Invariant 4: what is not delivered is kept with its reason before its page counts.
      bury(claim.letters);
      if (!(await hold.ready)) return;
      const refused = await delivery.deliver(number, claim.fresh, signal);
      bury(lettersOf(run.service, refused, claim.fresh));
      const records = claim.fresh.length - refused.length;
      const deadLetters = claim.letters.length + refused.length;
      counts.add(number, { published: records, ignored: claim.ignored, deadLetters });
      // Invariant 1: only now does the page count.
      progress.confirm(number, { version: answer.next, keys: [], read: answer.records.length });
      isConfirmed = true;
      emit({ type: 'page.confirmed', entry: run.entry, runId: run.runId, page: number, records });
      confirmed.ring();
    } catch (error) {
      // A session that drains waits for no consumer; the page stays unconfirmed.
      if (!drain.aborted || !isAbort(error)) throw error;
    } finally {
      hold.release(isConfirmed);
    }
  };

  const bury = (letters: readonly DeadLetter[]): void => {
    if (letters.length > 0) parts.bury(letters);
  };

  try {
    for (;;) {
      if (
        page - run.checkpoint.nextPage - progress.prefix >=
        Math.min(parts.live().workerCount, maxUnconfirmedChunks)
      ) {
        await waits.during('queue', confirmed.next());
        continue;
      }
      await waits.during('queue', parts.gate.pass(asking));
      asking.throwIfAborted();
      const number = page;
      page += 1;
      const answer = await waits.during('source', read(number));
      checkLink(after, answer);
      emptyPages.count(answer);
      const claim = claims.claim(answer);
      const keys = claim.fresh.map(({ key = '' }) => key);
      const done = handle(number, answer, claim, holds.take(keys))
        .catch((error: unknown) => failure.abort(error))
        .finally(() => tasks.delete(done));
      tasks.add(done);
      after = Math.max(after, answer.next);
      if (!answer.hasMore) break;
    }
    ended = true;
  } catch (error) {
    // A drain or a failure woke the loop; which of them is told below, when every page has come to an end.
    if (!asking.aborted) failure.abort(error);
  }
  while (tasks.size > 0) await waits.during('queue', Promise.race(tasks));
  progress.flush();
  signal.throwIfAborted();
  const isComplete = ended && page - run.checkpoint.nextPage === progress.prefix;
  const overlapFrom = overlap.from();
  return {
    kind: isComplete ? 'complete' : 'drained',
    totals: totals(),
    ordinal: Math.max(run.cursor, after),
    overlapFrom,
    tail: claims.tail(overlapFrom),
  };
}
