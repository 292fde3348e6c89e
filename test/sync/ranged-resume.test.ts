import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../src/model/events.ts';
import type { Sink } from '../../src/sink/contract.ts';
import { missingIn, replays } from '../support/delivered.ts';
import { runKilled } from '../support/killed-session.ts';
import { createMemorySink, type MemorySink } from '../support/memory-sink.ts';
import { createMovingList, type MovingList, seeded } from '../support/moving-list.ts';
import { newRun, type SavedRun, savingInto, type SessionOptions } from '../support/ranged-session.ts';

const workers = 4;
const items = 25;

interface Ordeal {
  readonly list: MovingList;
  readonly sink: MemorySink;
  readonly saved: SavedRun;
  readonly kills: number;
  /** How often the run found at its end that something was missing, and went back. */
  readonly again: number;
}

interface OrdealOptions {
  readonly seed: number;
  readonly movesPerRequest?: number;
  /** Over how many seconds the members are spread. */
  readonly seconds?: number;
  /** After how many steps each session is killed; there is one more, which is not. */
  readonly lifetimes?: (random: () => number) => number[];
  /** A broken part (S24). */
  readonly twin?: (saved: SavedRun, sink: MemorySink) => Partial<SessionOptions>;
}

/** A run that is killed again and again, each time a little further on, while the list moves in between too. */
async function killedOften({
  seed,
  movesPerRequest = 0,
  seconds,
  lifetimes = (random) => Array.from({ length: 6 }, () => Math.floor(random() * 40)),
  twin,
}: OrdealOptions): Promise<Ordeal> {
  const random = seeded(seed);
  const list = createMovingList({
    members: 600,
    random,
    movesPerRequest,
    ...(seconds === undefined ? {} : { seconds }),
  });
  const sink = createMemorySink();
  // Chunks arrive in another order than they were sent.
  sink.before = async () => {
    for (let turns = Math.floor(random() * 8); turns > 0; turns -= 1) await turn();
  };
  const saved = newRun();
  const events: EventBody[] = [];
  const session = { source: list, sink, saved, workers, items, events, ...twin?.(saved, sink) };
  const steps = lifetimes(random);
  for (let kills = 0; ; kills += 1) {
    const outcome = await runKilled(session, steps[kills] ?? Number.POSITIVE_INFINITY);
    if (outcome) {
      const again = events.filter(({ type }) => type === 'run.again').length;
      return { list, sink, saved, kills, again };
    }
    list.move(movesPerRequest * 4);
  }
}

const seeds = Array.from({ length: 12 }, (_, i) => i + 1);

interface Loss {
  readonly missing: readonly string[];
  /** Runs that had to go back for what was missing. */
  readonly again: number;
}

const nothing: Loss = { missing: [], again: 0 };

async function lossOf(options: Omit<OrdealOptions, 'seed'>): Promise<Loss> {
  const ordeals = await Promise.all(seeds.map((seed) => killedOften({ seed, ...options })));
  expect(ordeals.some(({ kills }) => kills > 2)).toBe(true);
  return {
    missing: ordeals.flatMap(({ list, saved, sink }) =>
      missingIn(list.members, saved.window?.until ?? 0, sink),
    ),
    again: ordeals.filter(({ again }) => again > 0).length,
  };
}

const onceInSecondHalf = (random: () => number): number[] => [40 + Math.floor(random() * 20)];

/** The most that was delivered again after one kill somewhere in the second half, in pages. */
async function replayedPages(options: Omit<OrdealOptions, 'seed'>): Promise<number> {
  const ordeals = await Promise.all(
    seeds.map((seed) => killedOften({ seed, lifetimes: onceInSecondHalf, ...options })),
  );
  expect(ordeals.every(({ kills }) => kills === 1)).toBe(true);
  return Math.max(...ordeals.map(({ sink }) => replays(sink) / items));
}

describe('a run that is killed several times (invariants 1, 2 and 4)', () => {
  test('loses nothing of a list that stands still', async () => {
    expect(await lossOf({})).toEqual(nothing);
  });

  test('loses nothing of a list that changes and shrinks meanwhile', async () => {
    expect(await lossOf({ movesPerRequest: 4 })).toEqual(nothing);
  });

  test('loses nothing when hundreds of members share a second', async () => {
    expect(await lossOf({ seconds: 4 })).toEqual(nothing);
    expect(await lossOf({ seconds: 4, movesPerRequest: 3 })).toEqual(nothing);
    expect(await lossOf({ seconds: 1, movesPerRequest: 3 })).toEqual(nothing);
  });

  test('delivers again about a page a worker, never more than may stand beyond the prefix', async () => {
    expect(await replayedPages({})).toBeLessThanOrEqual(2 * workers);
    expect(await replayedPages({ seconds: 1 })).toBeLessThanOrEqual(2 * workers);
  });

  test('keeps its window: T does not move while it is resumed', async () => {
    const saved = newRun();
    const list = createMovingList({ members: 500, random: seeded(1), movesPerRequest: 5 });
    const session = { source: list, sink: createMemorySink(), saved, workers, items };
    expect(await runKilled(session, 9)).toBeUndefined();
    const window = saved.window;
    expect(await runKilled(session, Number.POSITIVE_INFINITY)).toMatchObject({ kind: 'complete' });
    expect(saved.window).toEqual(window);
  });
});

const secondTooEarly: OrdealOptions['twin'] = (saved) => {
  const save = savingInto(saved);
  return {
    parts: {
      save: ({ version, ...rest }, keys, totals) =>
        save({ version: version === undefined ? undefined : version + 1, ...rest }, keys, totals),
    },
  };
};

const countsUnstored: OrdealOptions['twin'] = (_, sink) => {
  const hasty: Sink = {
    ...sink,
    publish(chunks, signal) {
      setTimeout(() => void sink.publish(chunks, signal).catch(() => {}), 2);
      return Promise.resolve();
    },
  };
  return { sink: hasty };
};

const highestPage: OrdealOptions['twin'] = (saved, sink) => {
  const save = savingInto(saved);
  const highest = (): number =>
    sink.values().reduce<number>((most, value) => Math.max(most, versionOf(value)), 0);
  return {
    parts: {
      save: (point, keys, totals) =>
        save({ ...point, version: Math.max(point.version ?? 0, highest()) }, keys, totals),
    },
  };
};

const keysForgotten: OrdealOptions['twin'] = (saved) => {
  const save = savingInto(saved);
  return { parts: { save: (point, _, totals) => save(point, [], totals) } };
};

// The total at the end covers all sessions, so that a wrong checkpoint shows as something missing that is read again.
describe('a run that is killed several times, with a broken part (twins)', () => {
  test('misses members when the checkpoint counts a second as done too early', async () => {
    expect(await lossOf({ seconds: 4, twin: secondTooEarly })).not.toEqual(nothing);
  });

  test('loses members when a page counts before the sink has it', async () => {
    expect((await lossOf({ twin: countsUnstored })).missing).not.toEqual([]);
  });

  test('misses members when the checkpoint is that of the highest page', async () => {
    expect(await lossOf({ twin: highestPage })).not.toEqual(nothing);
  });

  test('delivers whole seconds again when the keys at the checkpoint are not kept', async () => {
    expect(await replayedPages({ seconds: 1, twin: keysForgotten })).toBeGreaterThan(2 * workers);
  });
});

function versionOf(value: unknown): number {
  return typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    typeof value.version === 'number'
    ? value.version
    : 0;
}
