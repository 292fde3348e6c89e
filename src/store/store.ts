import { createDeadLetterStore, type DeadLetterStore } from './dead-letters.ts';
import { createEntryStore, type EntryStore } from './entries.ts';
import { openDatabase, type OpenOptions, type Recovery } from './open.ts';
import { createReceiptStore, type ReceiptStore } from './receipts.ts';
import { createRunStore, type RunStore } from './runs.ts';
import { createCommit } from './transaction.ts';

/** Everything `state/sluice.db` holds: what is not for editing. */
export interface Store {
  readonly entries: EntryStore;
  readonly runs: RunStore;
  readonly deadLetters: DeadLetterStore;
  readonly receipts: ReceiptStore;
  /** Why the database is a new one, when it is. */
  readonly recovered: Recovery | undefined;
  close(): void;
}

/** Opens the store and with it the lock of the state folder. @throws LockedError, StateError */
export function openStore(options: OpenOptions): Store {
  const database = openDatabase(options, (handle) => {
    const commit = createCommit(handle, options.probe);
    const entries = createEntryStore(handle, commit);
    const runs = createRunStore(handle, commit);
    // What the next check cannot do without must be readable: better told now than in the middle of a run.
    entries.all();
    runs.allUnfinished();
    runs.completing();
    const deadLetters = createDeadLetterStore(handle, commit);
    return { entries, runs, deadLetters, receipts: createReceiptStore(handle, commit) };
  });
  return { ...database.tables, recovered: database.recovered, close: () => database.close() };
}
