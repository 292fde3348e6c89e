import { hash } from 'node:crypto';
import type { Clock } from '../model/clock.ts';
import { abortError } from './deadline.ts';
import type { TlsOptions } from './tls.ts';

/** One holder of a rate limit: a host plus a credential. Every attempt pays, retries too. */
export interface Quota {
  readonly host: string;
  /** The most requests at the same time. */
  readonly limit: number;
  /** What its connections show and trust, if not what the platform does: a client certificate is a credential too. */
  readonly tls: TlsOptions | undefined;
  /**
   * Waits for a free place, first come first served, and resolves to the function that gives it back (calling it
   * twice is harmless). Rejects with an AbortError as soon as `signal` aborts.
   */
  acquire(signal: AbortSignal): Promise<() => void>;
  /** Lets nobody in for `ms` milliseconds from now; a longer pause that is already on stays. Requests under way go on. */
  blockFor(ms: number): void;
  /** For screens: requests under way, requests that wait, and what is left of a pause. */
  load(): { readonly active: number; readonly waiting: number; readonly blockedMs: number };
}

export interface Quotas {
  /** The same host and credential get the same quota for the life of the process, whichever entry asks. */
  readonly quotaFor: (host: string, credential: string, tls?: TlsOptions) => Quota;
}

/**
 * @param options.limit Requests at the same time for each quota, 10 by default: Mailchimp's limit for one account
 *   over all its applications, which nobody can raise (apis.md 1.4). SISU publishes no limit (apis.md 3).
 */
export function createQuotas({ clock, limit = 10 }: { clock: Clock; limit?: number }): Quotas {
  const quotas = new Map<string, Quota>();
  return {
    quotaFor(host, credential, tls) {
      // Hashed, so that no key stays readable in a map that lives as long as the process (invariant 8).
      const name = `${host} ${hash('sha256', JSON.stringify([credential, tls]))}`;
      const quota = quotas.get(name) ?? createQuota(host, limit, { clock, tls });
      quotas.set(name, quota);
      return quota;
    },
  };
}

function createQuota(
  host: string,
  limit: number,
  { clock, tls }: { readonly clock: Clock; readonly tls: TlsOptions | undefined },
): Quota {
  const waiting: (() => void)[] = [];
  let active = 0;
  let opensAt = Number.NEGATIVE_INFINITY;
  let alarm: AbortController | undefined;

  const blockedMs = (): number => Math.max(0, opensAt - clock.elapsed());

  function admit(): void {
    if (waiting.length === 0) return silence();
    if (blockedMs() > 0) return setAlarm();
    while (active < limit) {
      const enter = waiting.shift();
      if (!enter) return;
      active += 1;
      enter();
    }
  }

  // An alarm that rings before a prolonged pause is over finds the place blocked and is set again.
  function setAlarm(): void {
    if (alarm) return;
    const set = new AbortController();
    alarm = set;
    const ring = (): void => {
      if (alarm !== set) return;
      alarm = undefined;
      admit();
    };
    clock.sleep(blockedMs(), set.signal).then(ring, ring);
  }

  // Without it a pause of an hour would keep a process alive that has nothing left to ask.
  function silence(): void {
    const set = alarm;
    alarm = undefined;
    set?.abort();
  }

  function place(): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      active -= 1;
      admit();
    };
  }

  return {
    host,
    limit,
    tls,
    acquire(signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(abortError(signal));
        const enter = (): void => {
          signal.removeEventListener('abort', leave);
          resolve(place());
        };
        const leave = (): void => {
          waiting.splice(waiting.indexOf(enter), 1);
          reject(abortError(signal));
          admit();
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(enter);
        admit();
      });
    },
    blockFor(ms) {
      opensAt = Math.max(opensAt, clock.elapsed() + ms);
    },
    load: () => ({ active, waiting: waiting.length, blockedMs: blockedMs() }),
  };
}
