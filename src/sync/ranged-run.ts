import type { Clock } from '../model/clock.ts';
import { RunError } from '../model/errors.ts';
import type { Emit, EntryName, RunTotals } from '../model/events.ts';
import { type DeadLetter, maxUnconfirmedChunks, type RangedPage, type Window } from '../model/record.ts';
import type { Traffic } from '../model/traffic.ts';
import { longestRequest, type RangedSource } from '../source/contract.ts';
import { createBell } from './bell.ts';
import { mendBoundary, type Mending, nextDrift, type Stretch } from './boundary.ts';
import { createClaims } from './claims.ts';
import type { Gate } from './gate.ts';
import { createPageTask, type PageTask } from './page-task.ts';
import { type Delivery, lettersOf } from './delivery.ts';
import { createPageCounts } from './page-counts.ts';
import { createProgress, type ProgressPoint } from './progress.ts';
import { createSlots } from './slots.ts';
import { addSession } from './totals.ts';
import { createWaits } from './waits.ts';

/** One session of a ranged run: from its checkpoint as far as it gets. */
export interface RangedRun {
  readonly entry: EntryName;
  readonly service: string;
  readonly runId: string;
  /** The frozen window, without overlap. */
  readonly window: Window;
  /** The window with overlap: what a run from the beginning asks the source for. */
  readonly whole: Window;
  /** What this session asks for: the whole, or from the checkpoint on. */
  readonly query: Window;
  /** Records to leave out at the beginning of a full load. */
  readonly startOffset: number;
  /** How many records the source expects in the query; it may be too high, never too low. */
  readonly estimate: number;
  readonly checkpoint: ProgressPoint;
  /** The keys confirmed at the checkpoint's version. */
  readonly confirmedKeys: readonly string[];
  /** Key and stamp of what the run before published within this one's overlap. */
  readonly known: ReadonlyMap<string, string>;
  /** Records after this version are the next run's overlap. */
  readonly tailFrom: number;
  /** What earlier sessions of the run did; `read` is exact up to the checkpoint. */
  readonly totals: RunTotals;
}

export interface RangedParts {
  readonly source: RangedSource;
  /** What was asked of the source since the session began. */
  readonly traffic: () => Traffic;
  readonly delivery: Delivery;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly emit: Emit;
  /** The entry's fields as they are now; a change applies from the next page (S4). */
  readonly live: () => { readonly workerCount: number; readonly itemsPerRequest: number };
  readonly save: (
    point: ProgressPoint & { readonly tail: ReadonlyMap<string, string> },
    newKeys: readonly string[],
    totals: RunTotals,
  ) => void;
  readonly bury: (letters: readonly DeadLetter[]) => void;
  readonly mending: Mending;
  /** Ends the session at once. */
  readonly cancel: AbortSignal;
  /** Asks for no new page; pages asked for are finished (S19). */
  readonly drain: AbortSignal;
}

export interface RangedOutcome {
  readonly kind: 'complete' | 'drained';
  readonly totals: RunTotals;
  /** Key and stamp of what the next run's overlap will bring again. */
  readonly tail: ReadonlyMap<string, string>;
}

/** How often a window is read before the run gives up on reaching its total. */
const maxPasses = 3;

/**
 * Reads a window with several readers, publishes every record once and keeps the checkpoint (S7, S8).
 * @throws SourceError, QueueError, RunError; an AbortError when `cancel` aborts. The checkpoint is saved in any case.
 */
export async function runRanged(run: RangedRun, parts: RangedParts): Promise<RangedOutcome> {
  const { source, clock, emit, cancel } = parts;
  const began = clock.elapsed();
  const counts = createPageCounts();
  let reread = 0;
  const waits = createWaits(clock);
  const claims = createClaims({
    service: run.service,
    until: run.window.until,
    resumed:
      run.checkpoint.version === undefined
        ? undefined
        : { version: run.checkpoint.version, keys: run.confirmedKeys },
    known: run.known,
    tailFrom: run.tailFrom,
  });
  const isResumed = run.checkpoint.version !== undefined;
  /** Distinct records that earlier sessions confirmed, as far as this one goes on from them. */
  let readBefore = isResumed ? run.totals.read : 0;
  const totals = (): RunTotals => {
    const traffic = parts.traffic();
    const seconds = (clock.elapsed() - began) / 1000;
    const done = counts.before(run.checkpoint.nextPage + progress.prefix);
    const session = { ...done, reread, traffic, seconds, waitedMs: waits.totals(traffic) };
    return addSession(run.totals, session, readBefore + progress.read);
  };
  const progress = createProgress({
    start: run.checkpoint,
    clock,
    save: (point, newKeys) => parts.save({ ...point, tail: claims.takeTail() }, newKeys, totals()),
  });
  const slots = createSlots(parts.live().workerCount);
  let nextPage = run.checkpoint.nextPage;
  let drift = 0;

  /** One reading of a window from `start` on; `ended` when it came to the end, not when it was drained. */
  const readWindow = async (
    query: Window,
    start: number,
    estimate: number,
  ): Promise<{ ended: boolean; total: number }> => {
    const failure = new AbortController();
    const signal = AbortSignal.any([cancel, failure.signal]);
    const asking = AbortSignal.any([signal, parts.drain]);
    const tasks = new Set<Promise<void>>();
    const confirmed = createBell(asking);
    /** The pages that wait for the source, for what was read of them is not complete yet. */
    const reading = new Set<number>();
    let total = estimate;
    let offset = start;
    let previous: PageTask | undefined;

    const ask = async (stretch: Stretch, slot: number): Promise<RangedPage> => {
      let held = true;
      // Once, and as early as may be: the reader asks for the next page while this one is taken apart.
      const giveBack = (): void => {
        if (held) slots.release(slot);
        held = false;
      };
      try {
        const page = await source.read({ window: query, ...stretch }, signal, giveBack);
        total = Math.min(total, page.total);
        return page;
      } finally {
        giveBack();
      }
    };
    const handle = async (task: PageTask, before: PageTask | undefined, slot: number): Promise<void> => {
      reading.add(task.number);
      const asked = clock.elapsed();
      emit({
        type: 'page.asked',
        entry: run.entry,
        runId: run.runId,
        page: task.number,
        worker: slot,
      });
      const page = await ask(task, slot);
      if (task.offset === start && query === run.query) checkStartOffset(start, page.total);
      task.arrived.resolve(page.total);
      emit({
        type: 'page.read',
        entry: run.entry,
        runId: run.runId,
        page: task.number,
        worker: slot,
        offset: task.offset,
        records: page.records.length,
        total: page.total,
        ms: clock.elapsed() - asked,
      });
      let records = page.records;
      if (before) {
        const boundary = {
          offset: task.boundary,
          covered: task.boundary - task.offset,
          before: await before.arrived.promise,
          now: page.total,
          longest: longestRequest,
        };
        drift = nextDrift(drift, boundary.before - boundary.now);
        reread += boundary.covered;
        const found = await mendBoundary(
          boundary,
          async (stretch) => await ask(stretch, await slots.acquire(signal, true)),
          parts.mending.slid,
        );
        if (found.length > 0) {
          reread += found.length;
          emit({
            type: 'page.reread',
            entry: run.entry,
            runId: run.runId,
            page: task.number,
            records: found.length,
          });
          records = [...found, ...records];
        }
        // Claims go in page order, so that a record that two pages saw belongs to the earlier one, and the
        // unbroken prefix holds everything up to its last record.
        await before.settled.promise;
      }
      const { fresh, ignored, letters, mark } = claims.claim(records);
      task.settled.resolve();
      reading.delete(task.number);
      bury(letters);
      const refused = await parts.delivery.deliver(task.number, fresh, signal);
      bury(lettersOf(run.service, refused, fresh));
      const deadLetters = letters.length + refused.length;
      counts.add(task.number, { published: fresh.length - refused.length, ignored, deadLetters });
      // Invariant 1: only now does the page count.
      progress.confirm(task.number, mark);
      emit({
        type: 'page.confirmed',
        entry: run.entry,
        runId: run.runId,
        page: task.number,
        records: fresh.length - refused.length,
      });
      confirmed.ring();
    };

    let finalTotal: Promise<number> | undefined;
    let ended = false;
    try {
      for (;;) {
        if (offset >= total) {
          // Asked while the last pages are on their way: the total can only fall afterwards.
          finalTotal ??= askTotal(signal);
          finalTotal.catch(() => {});
          // The list may have shrunk to the last page's end only after that page was read: then records slid under
          // that end, and one more page, be it empty, is needed to mend it.
          if (previous === undefined) break;
          if ((await waits.during('source', previous.arrived.promise)) <= offset) break;
        }
        const { workerCount, itemsPerRequest } = parts.live();
        slots.resize(workerCount);
        if (
          nextPage - run.checkpoint.nextPage - progress.prefix >=
          Math.min(2 * workerCount, maxUnconfirmedChunks)
        ) {
          const oldest = run.checkpoint.nextPage + progress.prefix;
          await waits.during(reading.has(oldest) ? 'source' : 'queue', confirmed.next());
          continue;
        }
        await waits.during('queue', parts.gate.pass(asking));
        const slot = await waits.during('workers', slots.acquire(asking));
        const from = Math.max(start, offset - parts.mending.margin(drift, itemsPerRequest));
        const task = createPageTask(nextPage, offset, { offset: from, limit: itemsPerRequest });
        nextPage += 1;
        offset = from + itemsPerRequest;
        const done = handle(task, previous, slot)
          .catch((error: unknown) => {
            task.fail(error);
            failure.abort(error);
          })
          .finally(() => tasks.delete(done));
        tasks.add(done);
        previous = task;
      }
      ended = true;
    } catch (error) {
      // A drain or a failure woke the loop; which of them is told below, when everything asked for has come to an end.
      if (!asking.aborted) failure.abort(error);
    }
    while (tasks.size > 0) await waits.during(reading.size > 0 ? 'source' : 'queue', Promise.race(tasks));
    await Promise.allSettled([finalTotal]);
    progress.flush();
    signal.throwIfAborted();
    return ended && finalTotal !== undefined ? { ended, total: await finalTotal } : { ended: false, total };
  };

  // Invariant 4: a record that is not delivered is kept with its reason before its page counts.
  const bury = (letters: readonly DeadLetter[]): void => {
    if (letters.length > 0) parts.bury(letters);
  };

  const askTotal = async (signal: AbortSignal): Promise<number> => {
    const slot = await slots.acquire(signal);
    try {
      return await source.total(run.whole, signal);
    } finally {
      slots.release(slot);
    }
  };

  const start = isResumed ? 0 : run.startOffset;
  checkStartOffset(start, run.estimate);
  let reading = readWindow(run.query, start, run.estimate);
  for (let pass = 1; ; pass += 1) {
    const { ended, total: seen } = await reading;
    if (!ended) return { kind: 'drained', totals: totals(), tail: claims.tail };
    // Over all sessions: what one of them missed, a later one finds missing.
    const reached = run.startOffset + readBefore + claims.distinct;
    // The total was asked while pages were still on their way; a record that left since then is no loss.
    const total = reached < seen ? await waits.during('source', askTotal(cancel)) : seen;
    if (reached >= total) return { kind: 'complete', totals: totals(), tail: claims.tail };
    if (pass === maxPasses) throw incomplete(reached, total);
    emit({ type: 'run.again', entry: run.entry, runId: run.runId, read: reached, total });
    readBefore = 0;
    claims.again();
    progress.rewind();
    reading = readWindow(run.whole, run.startOffset, total);
  }
}

/** A full load cannot begin beyond the list's end; nothing moves (S7). */
function checkStartOffset(startOffset: number, total: number): void {
  if (startOffset === 0 || startOffset < total) return;
  throw new RunError(`start_offset ${startOffset} lies beyond the ${total} records there are`, {
    code: 'run.beyond_end',
    recovery: 'config',
    hint: 'lower start_offset, or remove it',
  });
}

function incomplete(reached: number, total: number): RunError {
  return new RunError(
    `the source reports ${total} records, but only ${reached} could be read, ${maxPasses} times over`,
    {
      code: 'run.incomplete',
      recovery: 'retry',
      hint: 'the cursor stays where it was; if this goes on, the source hides records from its pages',
    },
  );
}
