import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { frozenWindow } from '../../src/sync/window.ts';
import { createMemorySink, type MemorySink } from '../support/memory-sink.ts';
import { createMovingList, type MovingList, seeded } from '../support/moving-list.ts';
import { newRun, runSession, type SessionOptions } from '../support/ranged-session.ts';

const seeds = Array.from({ length: 10 }, (_, i) => i + 1);

const deliveredSchema = z.object({ id: z.string(), version: z.number() });
type Delivered = z.infer<typeof deliveredSchema>;

/** Members that stand in the window in the very version they have now, and did not reach the sink in that version. */
function lost(list: MovingList, until: number, sink: MemorySink): string[] {
  const delivered = new Set(sink.values().map((value) => nameOf(deliveredSchema.parse(value))));
  return [...list.members]
    .filter(([id, version]) => version <= until && !delivered.has(nameOf({ id, version })))
    .map(([id]) => id);
}

const nameOf = ({ id, version }: Delivered): string => `${id} ${version}`;

const endingNow: typeof frozenWindow = (cursor, sourceNow) => ({
  ...frozenWindow(cursor, sourceNow),
  until: Math.floor(sourceNow / 1000),
});

async function runOver(
  seed: number,
  options: Partial<SessionOptions> = {},
): Promise<{ missing: string[]; ids: string[]; list: MovingList; sink: MemorySink; until: number }> {
  const list = createMovingList({ members: 2000, random: seeded(seed), movesPerRequest: 5 });
  const sink = createMemorySink();
  const saved = newRun();
  await runSession({ source: list, sink, saved, items: 50, ...options });
  const until = saved.window?.until ?? 0;
  const ids = sink.values().map((value) => deliveredSchema.parse(value).id);
  return { missing: lost(list, until, sink), ids, list, sink, until };
}

describe('a list that moves while it is read', () => {
  test.each(seeds)('arrives whole (seed %i)', async (seed) => {
    const { missing, ids } = await runOver(seed);
    expect(missing).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('loses members when boundaries are not read again (twin)', async () => {
    const runs = await Promise.all(
      seeds.map((seed) => runOver(seed, { parts: { mending: { slid: () => undefined, margin: () => 0 } } })),
    );
    expect(runs.some(({ missing }) => missing.length > 0)).toBe(true);
  });

  test('loses members when the window ends now (twin)', async () => {
    let missed = 0;
    for (const seed of seeds) {
      const list = createMovingList({ members: 2000, random: seeded(seed), movesPerRequest: 20 });
      const sink = createMemorySink();
      const saved = newRun();
      await runSession({
        source: list,
        sink,
        saved,
        items: 50,
        freeze: endingNow,
      });
      missed += lost(list, saved.window?.until ?? 0, sink).length;
    }
    expect(missed).toBeGreaterThan(0);
  });
});
