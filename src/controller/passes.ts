import type { Job } from '../model/queues.ts';

/** How a service's run in a pass ended. */
export type PassResult = 'confirmed' | 'forbidden' | 'failed';

/**
 * Follows which services of a group one check started, and tells consumers when all of them are through (S16): one
 * job for a pass in which none failed. A pass that a stop cuts short is none.
 */
export interface Passes {
  /** The runs that one check started. @param at epoch milliseconds */
  begin(at: number, keys: readonly string[]): void;
  ended(key: string, result: PassResult): void;
}

/** @param publish puts the job, called as the old importer's message (systems.md 4.2), into `passQueue`; never rejects */
export function createPasses(publish: (job: Job) => void): Passes {
  const open = new Set<{ readonly at: number; readonly left: Set<string>; failed: boolean }>();
  return {
    begin(at, keys) {
      if (keys.length > 0) open.add({ at, left: new Set(keys), failed: false });
    },
    ended(key, result) {
      for (const pass of open) {
        if (!pass.left.delete(key)) continue;
        if (result === 'failed') pass.failed = true;
        if (pass.left.size > 0) continue;
        open.delete(pass);
        if (!pass.failed)
          publish({ id: `post-update-${pass.at}`, name: 'POST_UPDATE', data: { success: true } });
      }
    },
  };
}
