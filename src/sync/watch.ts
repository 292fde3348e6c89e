import type { Clock } from '../model/clock.ts';
import { RunError } from '../model/errors.ts';
import type { Chunk } from '../model/record.ts';
import type { JobOutcome } from '../model/queues.ts';
import type { Sink } from '../sink/contract.ts';
import type { Outage } from './outage.ts';
import type { Finished } from './settle.ts';

/** Watches chunks in the queue until consumers have finished them (S13). One for a session. */
export interface Watch {
  /**
   * Resolves when a consumer has finished a published chunk, or failed at it for good.
   * @throws RunError when the queue drops finished jobs before they can be seen, or nothing moves for `giveUpMs`
   * @throws AbortError when `signal` aborts
   */
  finished(chunk: Chunk, signal: AbortSignal): Promise<Finished>;
  /** Resolves when none of the jobs waits or is at work any more. @throws as `finished` */
  settled(ids: readonly string[], signal: AbortSignal): Promise<void>;
}

export interface WatchParts {
  readonly sink: Sink;
  readonly runId: string;
  readonly outage: Outage;
  readonly clock: Clock;
  /** How long nothing may move before the session gives up; undefined waits for ever. */
  readonly giveUpMs: number | undefined;
  /** Told how many chunks wait for consumers whenever that changes, and how many consumers there are. */
  readonly onWaiting: (chunks: number, workers: number) => void;
}

/** Events make it prompter; where they get lost, this is how late a confirmation can be (S13). */
const lookEveryMs = 1000;
/** Right after publishing a consumer may be quick. */
const firstLookMs = 50;
/** How often it is looked whether there are consumers at all. */
const countEveryMs = 5000;

interface Waiting {
  /** Absent: only watched, of an earlier session. */
  readonly chunk: Chunk | undefined;
  readonly done: PromiseWithResolvers<JobOutcome>;
  published: number;
}

type Published = Waiting & { readonly chunk: Chunk };

function isPublished(one: Waiting): one is Published {
  return one.chunk !== undefined;
}

export function createWatch(parts: WatchParts): Watch {
  const { sink, runId, outage, clock, giveUpMs, onWaiting } = parts;
  const waiting = new Map<string, Waiting>();
  let isLooking = false;
  let movedAt = 0;
  let told = 0;
  let workers = 0;
  let countedAt = Number.NEGATIVE_INFINITY;

  const wait = async (id: string, chunk: Chunk | undefined, signal: AbortSignal): Promise<JobOutcome> => {
    signal.throwIfAborted();
    const done = Promise.withResolvers<JobOutcome>();
    if (waiting.size === 0) movedAt = clock.elapsed();
    waiting.set(id, { chunk, done, published: 1 });
    const leave = (): void => done.reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    if (!isLooking) void look(signal);
    try {
      return await done.promise;
    } finally {
      signal.removeEventListener('abort', leave);
      waiting.delete(id);
    }
  };

  /** Goes on while something waits. Never rejects: its failure is that of everything that waits. */
  const look = async (signal: AbortSignal): Promise<void> => {
    isLooking = true;
    let woken = Promise.withResolvers<void>();
    const stop = sink.onFinished(() => woken.resolve());
    let pauseMs = firstLookMs;
    try {
      while (waiting.size > 0) {
        await pause(woken.promise, pauseMs, signal);
        if (waiting.size === 0) break;
        // Before the look: what is finished during it is worth another one at once.
        woken = Promise.withResolvers<void>();
        const asked = clock.elapsed();
        const moved = await lookOnce(signal);
        // Somebody finished it, whom the last count has missed.
        if (moved && workers === 0) countedAt = Number.NEGATIVE_INFINITY;
        pauseMs = moved ? firstLookMs : Math.min(pauseMs * 2, lookEveryMs);
        await tell(signal);
        // While the queue gives no answer consumers cannot move either; how long it may be down is the outage's to judge.
        movedAt = moved ? clock.elapsed() : movedAt + (clock.elapsed() - asked);
        if (giveUpMs !== undefined && clock.elapsed() - movedAt > giveUpMs)
          throw unconfirmed(sink, waiting.size, workers);
      }
    } catch (error) {
      for (const { done } of waiting.values()) done.reject(error);
    } finally {
      // In the same breath as the last look at who waits: whoever comes after it begins anew.
      isLooking = false;
      stop();
      if (told > 0) onWaiting((told = 0), workers);
    }
  };

  const pause = async (woken: Promise<void>, ms: number, signal: AbortSignal): Promise<void> => {
    const over = new AbortController();
    const timer = clock.sleep(ms, AbortSignal.any([over.signal, signal])).catch(() => {});
    await Promise.race([timer, woken]);
    over.abort();
    await timer;
    signal.throwIfAborted();
  };

  /** @returns whether any of them was finished */
  const lookOnce = async (signal: AbortSignal): Promise<boolean> => {
    const ids = [...waiting.keys()];
    const outcomes = await outage.ride((inner) => sink.outcomes(ids, inner), signal);
    let moved = false;
    const missing: Published[] = [];
    for (const [index, outcome] of outcomes.entries()) {
      const id = ids[index] ?? '';
      const entry = waiting.get(id);
      if (!entry || outcome.state === 'pending') continue;
      if (outcome.state === 'missing' && isPublished(entry)) missing.push(entry);
      else {
        moved = true;
        entry.done.resolve(outcome);
      }
    }
    if (missing.length > 0) await publishAgain(missing, signal);
    return moved;
  };

  /**
   * They were confirmed as queued and are in no state: the store lost its data, or finished jobs are removed too soon.
   * The marker tells which, once for all of them: it is put back for the next loss.
   */
  const publishAgain = async (missing: readonly Published[], signal: AbortSignal): Promise<void> => {
    const isRemembered = await outage.ride((inner) => sink.remembers(runId, inner), signal);
    for (const entry of missing) {
      if (isRemembered) entry.published += 1;
      if (entry.published > 2) throw removed(sink);
    }
    if (!isRemembered) await outage.ride((inner) => sink.mark(runId, inner), signal);
    const chunks = missing.map(({ chunk }) => chunk);
    await outage.ride((inner) => sink.publish(chunks, inner), signal);
  };

  const tell = async (signal: AbortSignal): Promise<void> => {
    if (clock.elapsed() - countedAt > countEveryMs) {
      const before = workers;
      ({ workers } = await outage.ride((inner) => sink.pressure(inner), signal));
      countedAt = clock.elapsed();
      if (workers !== before) told = -1;
    }
    if (waiting.size !== told) onWaiting((told = waiting.size), workers);
  };

  return {
    async finished(chunk, signal) {
      const outcome = await wait(chunk.id, chunk, signal);
      if (outcome.state === 'completed' || outcome.state === 'failed') return outcome;
      throw removed(sink);
    },
    async settled(ids, signal) {
      await Promise.all(ids.map(async (id) => await wait(id, undefined, signal)));
    },
  };
}

function removed(sink: Sink): RunError {
  return new RunError(`${sink.name}: finished jobs are removed before they can be confirmed`, {
    code: 'queue.removes',
    recovery: 'stop',
    hint: 'let consumers keep finished jobs (removeOnComplete) for an hour at least, and let nothing else clean the queue',
  });
}

function unconfirmed(sink: Sink, chunks: number, workers: number): RunError {
  const what = chunks === 1 ? '1 chunk waits' : `${chunks} chunks wait`;
  return new RunError(
    `${what} for consumers, ${workers} ${workers === 1 ? 'worker' : 'workers'} on ${sink.name}`,
    {
      code: 'queue.unconfirmed',
      recovery: 'retry',
      hint: 'start consumers, or more of them; the run goes on where it stopped',
    },
  );
}
