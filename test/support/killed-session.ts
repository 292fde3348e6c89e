import { systemClock } from '../../src/model/clock.ts';
import { isAbort } from '../../src/model/errors.ts';
import type { RangedOutcome } from '../../src/sync/ranged-run.ts';
import { runSession, savingInto, type SessionOptions } from './ranged-session.ts';

/** A clock a thousand times as fast: a page of a list in memory then takes as long as one of a list far away. */
const fastClock: typeof systemClock = {
  now: () => systemClock.now(),
  elapsed: () => systemClock.elapsed() * 1000,
  sleep: (ms, signal) => systemClock.sleep(ms / 1000, signal),
};

/**
 * Runs a session that is killed after a number of steps. A step is a read that begins, or a publish that begins or has
 * been stored without anybody knowing yet. From the kill on nothing is stored and nothing is saved, as after SIGKILL.
 * @returns the outcome, or undefined when the kill came before it
 */
export async function runKilled(
  options: SessionOptions,
  stepsToLive: number,
): Promise<RangedOutcome | undefined> {
  const { source, sink, saved } = options;
  const kill = new AbortController();
  const save = options.parts?.save ?? savingInto(saved);
  let left = stepsToLive;
  const step = (): void => {
    if (left === 0) kill.abort();
    left -= 1;
    kill.signal.throwIfAborted();
  };
  try {
    return await runSession({
      ...options,
      source: {
        ...source,
        async read(request, signal) {
          step();
          return await source.read(request, signal);
        },
      },
      sink: {
        ...sink,
        async publish(chunks, signal) {
          step();
          await sink.publish(chunks, signal);
          step();
        },
      },
      parts: {
        clock: fastClock,
        ...options.parts,
        cancel: kill.signal,
        save(...checkpoint) {
          if (!kill.signal.aborted) save(...checkpoint);
        },
      },
    });
  } catch (error) {
    if (kill.signal.aborted && isAbort(error)) return undefined;
    throw error;
  }
}
