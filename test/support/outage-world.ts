import { expect } from 'vitest';
import type { SluiceEvent } from '../../src/model/events.ts';
import { until } from './until.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

type EventOf<T extends SluiceEvent['type']> = Extract<SluiceEvent, { type: T }>;

/** A world whose queue goes away in the middle of a run of one list, `l1`. */
export interface OutageWorld extends World {
  find<T extends SluiceEvent['type']>(type: T): EventOf<T>[];
  untilEvent(type: SluiceEvent['type'], count?: number, ms?: number): Promise<void>;
  /** Runs `go` until `work` is done, then asks it to quit. @returns its exit code */
  whileRunning(work: () => Promise<void>): Promise<number>;
  /**
   * Every member is in the queue, and the entry counts each once. The run's jobs hold each of them once too, unless
   * the queue lost data and the run had to publish `again`.
   */
  expectComplete(options?: { readonly members?: number; readonly again?: boolean }): Promise<void>;
  /**
   * Every member is in the queue after a run that was cut off and resumed: pages that were under way may be there
   * twice, and are counted once or twice.
   */
  expectResumed(): Promise<void>;
  /** Fails unless the outage was told once, and once that it was over. @returns how it was told */
  expectToldOnce(): EventOf<'queue.down'>;
}

export const outageMembers = 1500;

export async function openOutageWorld(
  options: Partial<WorldOptions> & { readonly queue: string },
): Promise<OutageWorld> {
  const mailchimp = { lists: { l1: outageMembers }, latencyMs: 40 };
  const world = await openWorld({ mailchimp, ...options });
  world.writeState([{ list_id: 'l1', items_per_request: 50, worker_count: 3 }]);
  const find = <T extends SluiceEvent['type']>(type: T): EventOf<T>[] =>
    world.events.filter((event): event is EventOf<T> => event.type === type);

  return {
    ...world,
    find,
    async untilEvent(type, count = 1, ms = 20_000) {
      await until(() => find(type).length >= count, { what: `${count} x ${type}`, ms });
    },
    async whileRunning(work) {
      const running = world.go();
      try {
        await work();
      } finally {
        world.signal('SIGTERM');
      }
      return await running;
    },
    async expectComplete({ members = outageMembers, again = false } = {}) {
      const jobs = await world.jobs();
      const runId = find('run.finished').at(-1)?.runId ?? '';
      const idsOf = (some: typeof jobs) => some.flatMap((job) => job.members.map(({ id }) => id));
      expect(new Set(idsOf(jobs)).size).toBe(members);
      const ofRun = idsOf(jobs.filter(({ id }) => id.startsWith(`${runId}-`)));
      expect(new Set(ofRun).size).toBe(members);
      if (!again) expect(ofRun).toHaveLength(members);
      expect(world.readState()[0]).toMatchObject({ total_updates: members });
    },
    async expectResumed() {
      const ids = (await world.jobs()).flatMap((job) => job.members.map(({ id }) => id));
      expect(new Set(ids).size).toBe(outageMembers);
      // Not further than 2 x 3 workers beyond the checkpoint.
      expect(ids.length).toBeLessThanOrEqual(outageMembers + 6 * 50);
      const total = world.readState()[0]?.['total_updates'];
      expect(total).toBeGreaterThanOrEqual(outageMembers);
      expect(total).toBeLessThanOrEqual(ids.length);
    },
    expectToldOnce() {
      const [told, ...others] = find('queue.down');
      expect(others).toEqual([]);
      expect(find('queue.up')).toHaveLength(1);
      if (!told) throw new Error('the outage was not told');
      return told;
    },
  };
}
