import type { Clock } from '../model/clock.ts';
import { asSluiceError } from '../model/errors.ts';

/** What the old importer's keys are kept in. */
export interface KeyStore {
  readonly name: string;
  read(key: string, signal: AbortSignal): Promise<number | undefined>;
  write(key: string, value: number, signal: AbortSignal): Promise<void>;
}

/** Writes keys behind the back of those who say what is in them: nobody waits for it, and the newest value counts. */
export interface KeyWriter {
  put(key: string, value: number): void;
  /** The value that was put last. */
  last(key: string): number | undefined;
  /** Whether that value is still on its way. */
  isWaiting(key: string): boolean;
  /** Writes what is left, within two seconds. Idempotent, never rejects. */
  close(): Promise<void>;
}

export interface KeyWriterParts {
  readonly store: KeyStore;
  readonly clock: Clock;
  /** Told once when the keys cannot be written any more, and once when they can again. */
  readonly tell: (level: 'info' | 'warn', message: string) => void;
}

/** Values that change by the page are written a few times a second at most. */
const restMs = 250;
/** Between two tries at a store that is away. */
const retryMs = 5000;
const closeMs = 2000;

export function createKeyWriter({ store, clock, tell }: KeyWriterParts): KeyWriter {
  const closing = new AbortController();
  const cut = new AbortController();
  const last = new Map<string, number>();
  const waiting = new Set<string>();
  let isAway = false;
  let writing: Promise<void> | undefined;

  /** Goes on until nothing waits. Never rejects. */
  const write = async (): Promise<void> => {
    while (waiting.size > 0 && !cut.signal.aborted) {
      const isWritten = await writeAll();
      // At the end there is no second try: whoever closes has waited long enough.
      if (!isWritten && closing.signal.aborted) return;
      await clock.sleep(isWritten ? restMs : retryMs, closing.signal).catch(() => {});
    }
  };

  const writeAll = async (): Promise<boolean> => {
    try {
      for (const key of waiting) {
        const value = last.get(key) ?? 0;
        await store.write(key, value, cut.signal);
        // Unless it has changed while it was written.
        if (last.get(key) === value) waiting.delete(key);
      }
    } catch (error) {
      if (!isAway && !cut.signal.aborted) {
        const { message } = asSluiceError(error);
        tell(
          'warn',
          `the keys of the old importer cannot be written, tried again until they can: ${message}`,
        );
      }
      isAway = true;
      return false;
    }
    if (isAway) tell('info', `the keys of the old importer are written again to ${store.name}`);
    isAway = false;
    return true;
  };

  return {
    put(key, value) {
      if (closing.signal.aborted) return;
      last.set(key, value);
      waiting.add(key);
      writing ??= write().finally(() => (writing = undefined));
    },
    last: (key) => last.get(key),
    isWaiting: (key) => waiting.has(key),
    async close() {
      closing.abort();
      const late = clock.sleep(closeMs, cut.signal).then(
        () => cut.abort(),
        () => {},
      );
      await writing;
      cut.abort();
      await late;
    },
  };
}
