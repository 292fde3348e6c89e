import type { Clock } from '../model/clock.ts';
import { isAbort } from '../model/errors.ts';
import type { Emit, EntryName, RunTotals } from '../model/events.ts';
import type { DeadLetter } from '../model/record.ts';
import type { Traffic } from '../model/traffic.ts';
import type { WholeSource } from '../source/contract.ts';
import { createChainedClaims, stampOfWhole } from './chained-claims.ts';
import { type Delivery, lettersOf } from './delivery.ts';
import type { Gate } from './gate.ts';
import { addSession } from './totals.ts';
import { createWaits } from './waits.ts';

/** One session of a run over a whole source. */
export interface WholeRun {
  readonly entry: EntryName;
  readonly service: string;
  readonly runId: string;
  /** The stamp of what the run before published. */
  readonly known: string | undefined;
  readonly totals: RunTotals;
}

export interface WholeParts {
  readonly source: WholeSource;
  readonly traffic: () => Traffic;
  readonly delivery: Delivery;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly bury: (letters: readonly DeadLetter[]) => void;
  readonly cancel: AbortSignal;
  readonly drain: AbortSignal;
}

export interface WholeOutcome {
  readonly kind: 'complete' | 'drained';
  readonly totals: RunTotals;
  readonly stamp: string;
}

/**
 * Reads all there is and publishes it as one page, if it is not what was published before.
 * @throws SourceError, QueueError, RunError; an AbortError when `cancel` aborts
 */
export async function runWhole(run: WholeRun, parts: WholeParts): Promise<WholeOutcome> {
  const { source, delivery, gate, clock, emit, bury, cancel, drain } = parts;
  const began = clock.elapsed();
  const waits = createWaits(clock);
  const name = { entry: run.entry, runId: run.runId, page: 0 };
  const counts = { published: 0, ignored: 0, reread: 0, deadLetters: 0 };
  let read = 0;
  const totals = (): RunTotals => {
    const traffic = parts.traffic();
    const seconds = (clock.elapsed() - began) / 1000;
    return addSession(run.totals, { ...counts, traffic, seconds, waitedMs: waits.totals(traffic) }, read);
  };
  const publish = async (stamp: string, content: Awaited<ReturnType<WholeSource['read']>>): Promise<void> => {
    const claims = createChainedClaims(run.service, 0, new Map());
    const page = { ...content, next: 0, hasMore: false, now: 0 };
    const { fresh, letters } = claims.claim(page);
    if (stamp === run.known) {
      counts.ignored = fresh.length;
      return;
    }
    await waits.during('queue', gate.pass(AbortSignal.any([cancel, drain])));
    bury(letters);
    const refused = await waits.during('queue', delivery.deliver(0, fresh, cancel));
    bury(lettersOf(run.service, refused, fresh));
    counts.deadLetters = letters.length + refused.length;
    counts.published = fresh.length - refused.length;
  };

  try {
    const asked = clock.elapsed();
    emit({ type: 'page.asked', ...name, worker: 1 });
    const content = await waits.during('source', source.read(AbortSignal.any([cancel, drain])));
    read = content.records.length;
    emit({ type: 'page.read', ...name, worker: 1, records: read, ms: clock.elapsed() - asked });
    const stamp = stampOfWhole(content.records);
    await publish(stamp, content);
    emit({ type: 'page.confirmed', ...name, records: counts.published });
    return { kind: 'complete', totals: totals(), stamp };
  } catch (error) {
    if (!drain.aborted || cancel.aborted || !isAbort(error)) throw error;
    return { kind: 'drained', totals: totals(), stamp: '' };
  }
}
