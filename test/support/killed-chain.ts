import { isAbort } from '../../src/model/errors.ts';
import type { ChainedOutcome } from '../../src/sync/chained-run.ts';
import { type ChainOptions, runChain, type SavedChain } from './chained-session.ts';

/**
 * Runs a session that is killed after a number of steps. A step is a read that begins, a publish that begins or has been
 * stored without anybody knowing yet, or a checkpoint that is about to be saved. From the kill on nothing is stored and
 * nothing is saved, as after SIGKILL.
 * @returns the outcome, or undefined when the kill came before it
 */
export async function runKilledChain(
  options: ChainOptions & { readonly onSave?: (saved: SavedChain) => void },
  stepsToLive: number,
): Promise<ChainedOutcome | undefined> {
  const { source, sink, saved, onSave = () => {} } = options;
  const kill = new AbortController();
  let left = stepsToLive;
  const step = (): void => {
    if (left === 0) kill.abort();
    left -= 1;
    kill.signal.throwIfAborted();
  };
  try {
    return await runChain({
      ...options,
      cancel: kill.signal,
      source: {
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
        save(point, totals) {
          step();
          saved.point = point;
          saved.totals = totals;
          saved.settled = point.overlapFrom;
          onSave(saved);
        },
        bury(letters) {
          kill.signal.throwIfAborted();
          for (const letter of letters) {
            const { service, key, payload } = letter;
            const text = JSON.stringify([service, key, payload]);
            const isKnown = saved.letters.some(
              (one) => JSON.stringify([one.service, one.key, one.payload]) === text,
            );
            if (!isKnown) saved.letters.push(letter);
          }
        },
        ...options.parts,
      },
    });
  } catch (error) {
    if (kill.signal.aborted && isAbort(error)) return undefined;
    throw error;
  }
}
