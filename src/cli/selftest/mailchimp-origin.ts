import { z } from 'zod';
import type { Cursor } from '../../model/cursor.ts';
import { parseTimestamp } from '../../model/time.ts';
import { createRandom } from '../../simulator/random.ts';
import { startMailchimp } from '../../simulator/mailchimp.ts';
import type { Claim, Origin } from './origin.ts';

const list = 'selftest';
const workers = 3;
const items = 25;
const memberSchema = z.object({ id: z.string(), last_changed: z.string() });

/** A list of members that change, leave and join: ranged pages. */
export async function openMailchimpOrigin({ members = 400, seed = 1 } = {}): Promise<Origin> {
  const simulator = await startMailchimp({ lists: { [list]: members }, seed, latencyMs: 4 });
  const random = createRandom(seed);
  const one = <T>(of: readonly T[]): T | undefined => of[Math.floor(random() * of.length)];
  const present = () =>
    simulator.members(list).map(({ id, last_changed }) => ({
      id,
      name: nameOf({ id, last_changed }),
      version: secondsOf(last_changed),
    }));

  return {
    entry: { list_id: list, worker_count: workers, items_per_request: items, refresh_seconds: 1 },
    begin: {},
    env: { MAILCHIMP_URL: simulator.url, MAILCHIMP_APIKEY: simulator.apiKey },
    queue: 'lists',
    isConsumed: false,
    underWay: workers * items,
    change() {
      // Enough for four pages, so that a run of changes passes every point more than once.
      for (let join = 0; join < 3 * items; join += 1) simulator.join(list);
      const ids = new Set(simulator.members(list).map(({ id }) => id));
      for (let change = 0; change < items; change += 1) take(ids, (id) => simulator.change(list, id));
      for (let departure = 0; departure < 5; departure += 1) take(ids, (id) => simulator.depart(list, id));
    },
    advance: (ms) => simulator.advance(ms),
    nameOf,
    claimed(claim) {
      const isClaimed = claimOf(claim);
      return present().flatMap(({ id, name, version }) => (isClaimed(id, version) ? [name] : []));
    },
    forget(names) {
      const gone = new Set(names);
      for (const { id, name } of present()) {
        if (gone.has(name) && random() < 0.5) simulator.depart(list, id);
      }
    },
    due(cursor) {
      const until = cursorSeconds(cursor);
      return present().flatMap(({ name, version }) => (version <= until ? [name] : []));
    },
    close: () => simulator.close(),
  };

  /** Each at most once in a round, so that a member has one version a second. */
  function take(ids: Set<string>, act: (id: string) => void): void {
    const id = one([...ids]);
    if (id === undefined) return;
    ids.delete(id);
    act(id);
  }
}

function nameOf(value: unknown): string {
  const { id, last_changed } = memberSchema.parse(value);
  return `${id} ${last_changed}`;
}

/** Whether a member that changed at `version` counts as delivered by what the process left behind (S8, S9). */
function claimOf({ cursor, runs }: Claim): (id: string, version: number) => boolean {
  const until = cursorSeconds(cursor);
  const checkpoints = runs.map(({ run, keys }) => ({
    until: run.state === 'completing' ? cursorSeconds(run.cursorTo) : (run.checkpoint.version ?? 0) - 1,
    at: run.checkpoint.version,
    keys: new Set(keys),
  }));
  return (id, version) =>
    version <= until ||
    checkpoints.some((point) => version <= point.until || (version === point.at && point.keys.has(id)));
}

function cursorSeconds(cursor: Cursor): number {
  return typeof cursor === 'string' ? (parseTimestamp(cursor) ?? 0) : 0;
}

function secondsOf(changed: string): number {
  return parseTimestamp(changed) ?? 0;
}
