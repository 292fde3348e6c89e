import type { Clock } from '../model/clock.ts';
import type { SluiceError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';

/** One attempt: it worked, it met another writer, or what it needs is away. */
export type Attempt<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'away'; readonly error: SluiceError };

/** Tries again for as long as it takes, and says so once an outage rather than once a chunk. */
export interface Patience {
  /** Resolves with the first attempt that is done. Rejects with an AbortError when `signal` aborts, or as `attempt` does. */
  readonly wait: <T>(signal: AbortSignal, attempt: () => Promise<Attempt<T>>) => Promise<T>;
}

/** @param name what is waited for, as the log calls it */
export function createPatience(name: string, clock: Clock, emit: Emit): Patience {
  /** Since when it is away; what several chunks wait for is one outage. */
  let since: number | undefined;
  return {
    async wait(signal, attempt) {
      for (let waitMs = shortestMs; ; waitMs = Math.min(2 * waitMs, longestMs)) {
        signal.throwIfAborted();
        const began = clock.elapsed();
        const tried = await attempt();
        if (tried.kind === 'done') {
          // One that was under way when the outage began says nothing about its end.
          if (since !== undefined && began >= since) back(since);
          return tried.value;
        }
        if (tried.kind === 'away') away(tried.error);
        await clock.sleep(waitMs, signal);
      }
    },
  };

  function away({ message, hint }: SluiceError): void {
    if (since !== undefined) return;
    since = clock.elapsed();
    const what = message.startsWith(name) ? message : `${name}: ${message}`;
    say('warn', `${what}; waiting for it, no job fails for this. ${hint ?? ''}`.trimEnd());
  }

  function back(begin: number): void {
    since = undefined;
    say('info', `${name} works again after ${Math.round((clock.elapsed() - begin) / 1000)} s`);
  }

  function say(level: 'info' | 'warn', message: string): void {
    emit({ type: 'notice', level, topic: 'consumer', message });
  }
}

const shortestMs = 25;
const longestMs = 5000;
