import type { Clock } from '../model/clock.ts';
import { asSluiceError, isAbort, RunError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import type { OrdinalKeys } from '../model/ordinal-keys.ts';
import { createKeyWriter, type KeyStore } from './key-writer.ts';

export interface OrdinalKeysParts {
  readonly store: KeyStore;
  /** The key of a service; undefined when the old importer had none. */
  readonly keyOf: (service: string) => string | undefined;
  readonly clock: Clock;
  readonly emit: Emit;
}

/** Keeps the old importer's keys in step with the file. */
export function createOrdinalKeys({ store, keyOf, clock, emit }: OrdinalKeysParts): OrdinalKeys {
  const closing = new AbortController();
  const told = new Set<string>();
  const looking = new Set<Promise<void>>();
  const tellOnce = (level: 'info' | 'warn', message: string): void => {
    if (told.has(message)) return;
    told.add(message);
    emit({ type: 'notice', level, topic: 'keys', message });
  };
  const writer = createKeyWriter({ store, clock, tell: (level, message) => tell(level, message) });
  const tell = (level: 'info' | 'warn', message: string): void => {
    emit({ type: 'notice', level, topic: 'keys', message });
  };

  const adopt = async (service: string, key: string, signal: AbortSignal): Promise<number> => {
    try {
      const found = (await store.read(key, signal)) ?? 0;
      if (found > 0)
        tell('info', `${service} begins behind ordinal ${found}, where ${key} in ${store.name} stands`);
      return found;
    } catch (error) {
      if (signal.aborted) throw error;
      // Beginning at 0 would be a full load for one hiccup, and the file would make it last.
      throw new RunError(`where ${service} begins is not known: ${key} in ${store.name} cannot be read`, {
        code: 'run.no_key',
        recovery: 'retry',
        hint: 'it is tried again; with a latest_ordinal in state.json, 0 for example, the key is not asked for',
        cause: error,
      });
    }
  };

  /** Somebody may have moved the key; a difference is told once, and the key is brought in step again. */
  const compare = async (service: string, key: string, ordinal: number): Promise<void> => {
    // What is on its way will be there in a moment.
    if (writer.isWaiting(key)) return;
    const own = writer.last(key);
    const found = await store.read(key, closing.signal);
    // What this process wrote, or is about to, is no edit of anybody's.
    if (found === undefined || found === ordinal || writer.last(key) !== own) return;
    if (found !== own) {
      const text = `${key} in ${store.name} is ${found}, but state.json says ${ordinal} for ${service}`;
      tellOnce('warn', `${text}: the file counts, and the key follows it`);
    }
    writer.put(key, ordinal);
  };

  return {
    async begin(service, latest, signal) {
      const key = keyOf(service);
      if (key === undefined) return latest ?? 0;
      if (latest === undefined) return await adopt(service, key, signal);
      const ordinal = latest ?? 0;
      const look = compare(service, key, ordinal)
        .catch((error: unknown) => {
          if (!isAbort(error)) tellOnce('warn', `${key} cannot be read: ${asSluiceError(error).message}`);
        })
        .finally(() => looking.delete(look));
      looking.add(look);
      return ordinal;
    },
    reached(service, ordinal) {
      const key = keyOf(service);
      if (key !== undefined) writer.put(key, ordinal);
    },
    done(service) {
      const key = keyOf(service);
      if (key !== undefined) writer.put(key, 1);
    },
    progress(service, scheduled, updated) {
      const key = keyOf(service);
      if (key === undefined) return;
      writer.put(`${key}_SCHEDULED`, scheduled);
      writer.put(`${key}_UPDATED`, updated);
    },
    async close() {
      await writer.close();
      closing.abort();
      await Promise.all(looking);
    },
  };
}
