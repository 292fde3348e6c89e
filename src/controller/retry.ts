import type { Clock } from '../model/clock.ts';
import { asSluiceError, isAbort } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import type { Chunk, SinkPlace } from '../model/record.ts';
import type { Sink } from '../services/contract.ts';
import type { DeadLetterStore } from '../store/dead-letters.ts';
import type { StoredLetter } from '../store/letter-rows.ts';
import type { Outage } from '../sync/outage.ts';
import { createRunQueue } from '../sync/runs.ts';
import { settle } from '../sync/settle.ts';
import { createWatch, type Watch } from '../sync/watch.ts';

/** Dead letters on their way again. */
export interface Retries {
  /**
   * Publishes a letter under the id that the store has for it and follows it until a consumer has finished it, or has
   * refused it again. Doing so again, also after a restart, is harmless: the id is the same (S12).
   */
  follow(id: number): void;
  /** Resolves when none is on its way any more. Never rejects. */
  idle(): Promise<void>;
  /** Leaves those that are on their way to the next start. Idempotent, never rejects. */
  close(): Promise<void>;
}

export interface RetriesParts {
  readonly letters: DeadLetterStore;
  readonly openSink: (place: SinkPlace) => Sink;
  readonly outage: Outage;
  readonly clock: Clock;
  readonly emit: Emit;
}

/** Of the finished jobs of a queue, 200 are kept (S12): these must be seen before they go, and runs need their share. */
const mostAtOnce = 50;

/** The marker by which it is known whether a queue has lost what was retried (S13). */
const markerId = 'retries';

export function createRetries({ letters, openSink, outage, clock, emit }: RetriesParts): Retries {
  const closing = new AbortController();
  const { signal } = closing;
  const queue = createRunQueue(mostAtOnce);
  const watched = new Map<string, { readonly sink: Sink; readonly watch: Watch }>();
  const following = new Map<number, Promise<void>>();

  const watchedAt = (place: SinkPlace) => {
    const name = JSON.stringify([place.queue, place.job, place.grade]);
    const known = watched.get(name);
    if (known) return known;
    const sink = openSink(place);
    const parts = { sink, runId: markerId, outage, clock, giveUpMs: undefined, onWaiting: () => {} };
    const opened = { sink, watch: createWatch(parts) };
    watched.set(name, opened);
    return opened;
  };

  const retry = async (id: number): Promise<void> => {
    const letter = letters.find(id);
    const { retrying, place } = letter ?? {};
    if (!letter || retrying === undefined || !place) return;
    try {
      await publish(letter, retrying, place);
    } catch (error) {
      if (isAbort(error) && signal.aborted) return;
      letters.abandon(id, retrying);
      const { message, hint } = asSluiceError(error);
      const text = `${nameOf(letter)} stays as it is, its retry cannot be followed: ${message}`;
      tell('error', hint === undefined ? text : `${text} - ${hint}`);
    }
    emit({ type: 'letters.changed', letters: letters.count() });
  };

  const publish = async (letter: StoredLetter, retrying: string, place: SinkPlace): Promise<void> => {
    const { sink, watch } = watchedAt(place);
    await outage.ride((inner) => sink.mark(markerId, inner), signal);
    const [refused] = await settle(chunkOf(letter, retrying), {
      publish: async (part) => await outage.ride((inner) => sink.publish([part], inner), signal),
      // What is queued is all that such a service asks for (S13).
      finished: async (part) =>
        place.grade === 'queued' ? { state: 'completed' } : await watch.finished(part, signal),
      onDead: () => {},
      onFailure: () => {},
    });
    if (refused) {
      if (!letters.failed(letter.id, retrying, refused, clock.now())) return;
      tell('warn', `${nameOf(letter)} was retried and died again: ${refused.reason}`);
    } else if (letters.delivered(letter.id, retrying)) {
      const done = place.grade === 'queued' ? `is in the queue ${place.queue} again` : 'was delivered';
      tell('info', `${nameOf(letter)} was retried and ${done}`);
    }
  };

  const tell = (level: 'info' | 'warn' | 'error', message: string): void => {
    emit({ type: 'notice', level, topic: 'letters', message });
  };

  return {
    follow(id) {
      if (signal.aborted || following.has(id)) return;
      const done = queue
        .add(async () => await retry(id), signal)
        // A store that cannot be written has told so elsewhere; the letter is followed again at the next start.
        .catch((error: unknown) => {
          if (!isAbort(error)) tell('error', `dead letter ${id}: ${asSluiceError(error).message}`);
        })
        .finally(() => following.delete(id));
      following.set(id, done);
    },
    async idle() {
      while (following.size > 0) await Promise.all(following.values());
    },
    async close() {
      closing.abort();
      await this.idle();
    },
  };
}

function chunkOf({ key = '', text }: StoredLetter, id: string): Chunk {
  const value: unknown = JSON.parse(text);
  return { id, keys: [key], values: [value], bytes: Buffer.byteLength(text) };
}

function nameOf({ id, label, key = '' }: StoredLetter): string {
  return `dead letter ${id} (${[label, key].filter((word) => word !== '').join(' ')})`;
}
