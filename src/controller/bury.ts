import type { EntryName } from '../model/events.ts';
import type { DeadLetter } from '../model/record.ts';
import type { Sink } from '../services/contract.ts';
import type { SessionParts } from './session-contract.ts';

/** Keeps the dead letters of a run, with where they were bound for, and tells of them (S15). */
export function buryOf(
  runId: string,
  entry: EntryName,
  sink: Sink,
  { store, clock, emit }: SessionParts,
): (letters: readonly DeadLetter[]) => void {
  return (letters) => {
    store.deadLetters.add(runId, letters, clock.now(), sink.place);
    for (const { reason, key } of letters) emit({ type: 'record.dead', entry, reason, key });
  };
}
