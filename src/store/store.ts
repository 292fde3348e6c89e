import { createDeadLetterStore, type DeadLetterStore } from './dead-letters.ts';
import { createEntryStore, type EntryStore } from './entries.ts';
import { openDatabase, type OpenOptions, unusable } from './open.ts';
import { createRunStore, type RunStore } from './runs.ts';

/** Everything `state/sluice.db` holds: what is not for editing. */
export interface Store {
  readonly entries: EntryStore;
  readonly runs: RunStore;
  readonly deadLetters: DeadLetterStore;
  close(): void;
}

/** Opens the store and with it the lock of the state folder. @throws LockedError, StateError */
export function openStore(options: OpenOptions): Store {
  const database = openDatabase(options);
  const { handle, path } = database;
  try {
    return {
      entries: createEntryStore(handle),
      runs: createRunStore(handle),
      deadLetters: createDeadLetterStore(handle),
      close: () => database.close(),
    };
  } catch (error) {
    // A table is not as it must be: the file was not written by Sluice alone.
    database.close();
    throw unusable(path, error);
  }
}
