import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ChainedPage, SourceRecord } from '../../src/model/record.ts';
import type { Sink } from '../../src/sink/contract.ts';
import type { ChainedSource } from '../../src/source/contract.ts';
import { type ChainedList, createChainedList } from '../support/chained-list.ts';
import { dropChain, newChain, type SavedChain } from '../support/chained-session.ts';
import { createFastClock } from '../support/fast-clock.ts';
import { runKilledChain } from '../support/killed-chain.ts';
import { seeded } from '../support/moving-list.ts';
import { createProcessingSink, type ProcessingSink } from '../support/processing-sink.ts';

// Runs over a source that changes all the time, with changes that show late, pages that come short and empty, consumers
// that work side by side and fail at random, and kills at random steps; what holds after all of it, and at any time?

const overlapMs = 600_000;
const valueSchema = z.object({ id: z.string(), ordinal: z.number() });
const nameOf = (value: unknown): string => {
  const { id, ordinal } = valueSchema.parse(value);
  return `${id} ${ordinal}`;
};

interface Ordeal {
  readonly list: ChainedList;
  readonly sink: ProcessingSink;
  readonly saved: SavedChain;
  readonly kills: number;
  readonly dropped: number;
  /** What was wrong at a checkpoint or at the end of a run. */
  readonly faults: readonly string[];
}

interface OrdealOptions {
  readonly seed: number;
  /** Broken parts (S24). */
  readonly twin?: Partial<Twin>;
}

interface Twin {
  readonly source: (source: ChainedSource) => ChainedSource;
  readonly sink: (sink: ProcessingSink) => Sink;
  readonly overlapMs: number;
}

async function ordeal({ seed, twin = {} }: OrdealOptions): Promise<Ordeal> {
  const random = seeded(seed);
  const upTo = (most: number): number => Math.floor(random() * (most + 1));
  const list = createChainedList({ tellsTime: seed % 3 !== 0, mostRecords: 1 + upTo(5) });
  const change = (): void => {
    const late = random() < 0.3 ? random() * overlapMs : 0;
    list.change(`k${upTo(24)}`, list.now + late);
  };
  for (let left = 60; left > 0; left -= 1) change();
  list.now += 2 * overlapMs;

  const sink = createProcessingSink();
  sink.working = false;
  sink.refuses = (value) => {
    const { ordinal } = valueSchema.parse(value);
    return ordinal % 111 === 0 || random() < 0.01 ? `${ordinal} is bad` : undefined;
  };
  const saved = newChain();
  const faults: string[] = [];
  let sessionReads: readonly { readonly name: string; readonly version: number }[] = [];
  const source = withEmptyPages(list, random);
  const watched: ChainedSource = {
    async read(request, signal) {
      const page = await source.read(request, signal);
      const read = page.records.map(({ value, version }) => ({ name: nameOf(value), version }));
      sessionReads = [...sessionReads, ...read];
      return page;
    },
  };
  list.before = () => {
    for (let left = upTo(3); left > 0; left -= 1) change();
    list.now += random() < 0.1 ? 1.5 * overlapMs : random() * 0.05 * overlapMs;
  };
  let reached = { cursor: 0, version: 0, runId: '' };
  const onSave = ({ point: { version = 0 }, cursor, runId, tail }: SavedChain): void => {
    const known = new Set([...tail].map(([key, stamp]) => `${key} ${stamp}`));
    const done = doneIn(sink, saved);
    const ahead = sessionReads.filter(
      (read) => read.version <= version && !done.has(read.name) && !known.has(read.name),
    );
    if (ahead.length > 0) faults.push(`${version} is ahead of ${ahead.map(({ name }) => name).join()}`);
    if (cursor < reached.cursor || (runId === reached.runId && version < reached.version))
      faults.push('it went back');
    reached = { cursor, version, runId };
  };

  const over = new AbortController();
  const consuming = (async () => {
    while (!over.signal.aborted) {
      await turn();
      if (random() < 0.5) sink.work(upTo(3));
    }
  })();
  const clock = createFastClock(1000, () => list.now);
  let kills = 0;
  let dropped = 0;
  const session = async (stepsToLive: number): Promise<boolean> => {
    sessionReads = [];
    const options = {
      source: twin.source?.(watched) ?? watched,
      sink: twin.sink?.(sink) ?? sink,
      saved,
      clock,
      overlapMs: twin.overlapMs ?? overlapMs,
      workers: 1 + upTo(4),
      items: 1 + upTo(6),
      onSave,
    };
    const outcome = await runKilledChain(options, stepsToLive);
    if (!outcome) kills += 1;
    else {
      const { read, published, ignored, deadLetters } = outcome.totals;
      if (read !== published + ignored + deadLetters)
        faults.push(`totals: ${JSON.stringify(outcome.totals)}`);
    }
    return outcome !== undefined;
  };
  for (let sessions = 0; sessions < 20; sessions += 1) {
    await session(upTo(50));
    // As when the entry becomes invalid for a moment.
    if (random() < 0.15) {
      dropped += 1;
      dropChain(saved, list.now);
    }
    for (let left = upTo(4); left > 0; left -= 1) change();
    list.now += random() < 0.3 ? 2 * overlapMs : random() * 0.2 * overlapMs;
  }
  list.before = () => {};
  list.now += 2 * overlapMs;
  for (let complete = 0; complete < 2;) complete += (await session(Number.POSITIVE_INFINITY)) ? 1 : 0;
  over.abort();
  await consuming;
  return { list, sink, saved, kills, dropped, faults };
}

/** Empty pages in the gaps between ordinals. */
function withEmptyPages(list: ChainedList, random: () => number): ChainedSource {
  let inARow = 0;
  return {
    async read(request, signal) {
      const page: ChainedPage = await list.read(request, signal);
      const first = page.records[0]?.version ?? 0;
      inARow = first - request.after > 1 && inARow < 2 && random() < 0.2 ? inARow + 1 : 0;
      return inARow === 0 ? page : { ...page, records: [], next: request.after + 1, hasMore: true };
    },
  };
}

/** What consumers have finished, and what is a dead letter or about to be one. */
function doneIn({ finished }: ProcessingSink, { letters }: SavedChain): ReadonlySet<string> {
  return new Set(
    [...finished.flatMap(({ values }) => values), ...letters.map(({ payload }) => payload)].map(nameOf),
  );
}

/** The newest versions that neither arrived nor are dead letters. */
function missing({ list, sink, saved }: Ordeal): readonly string[] {
  const done = doneIn(sink, saved);
  return [...list.newest()].map(([key, ordinal]) => `${key} ${ordinal}`).filter((name) => !done.has(name));
}

/** Versions that a consumer finished after a newer one of their key: one that takes the last writer has gone back. */
function overtaken({ sink }: Ordeal): readonly string[] {
  const newest = new Map<string, number>();
  const late: string[] = [];
  for (const value of sink.finished.flatMap(({ values }) => values)) {
    const { id, ordinal } = valueSchema.parse(value);
    if (ordinal < (newest.get(id) ?? 0)) late.push(nameOf(value));
    newest.set(id, Math.max(ordinal, newest.get(id) ?? 0));
  }
  return late;
}

const stranger = (one: SourceRecord): SourceRecord => ({ ...one, key: `${one.key} ${one.version}` });

/** Keys of which no two are equal: no page holds one of another's. */
function withStrangers(honest: ChainedSource): ChainedSource {
  return {
    async read(request, signal) {
      const page = await honest.read(request, signal);
      return { ...page, records: page.records.map(stranger) };
    },
  };
}

const onlyQueued = (honest: ProcessingSink): Sink => ({ ...honest, grade: 'queued' });

const seeds = Array.from({ length: 20 }, (_, at) => at + 1);

const everySeed = async (twin: Partial<Twin>): Promise<readonly Ordeal[]> =>
  await Promise.all(seeds.slice(0, 14).map(async (seed) => await ordeal({ seed, twin })));

describe.concurrent('runs that are killed, with consumers that fail and changes that show late', () => {
  test.each(seeds)('lose nothing, overtake nothing and count right (seed %i)', async (seed) => {
    const end = await ordeal({ seed });
    expect(end.faults).toEqual([]);
    expect(missing(end)).toEqual([]);
    expect(overtaken(end)).toEqual([]);
    expect(end.kills).toBeGreaterThan(2);
    expect(end.saved.receipts.size).toBe(0);
  });

  test('twin: where pages wait for no other, consumers get old versions after newer ones', async () => {
    expect((await everySeed({ source: withStrangers })).flatMap(overtaken).length).toBeGreaterThan(0);
  });

  test('twin: with a short overlap changes that show late are lost', async () => {
    expect((await everySeed({ overlapMs: overlapMs / 20 })).flatMap(missing).length).toBeGreaterThan(0);
  });

  test('twin: where the queue having a chunk is enough, the cursor is ahead of consumers', async () => {
    const faults = (await everySeed({ sink: onlyQueued })).flatMap((end) => end.faults);
    expect(faults.join()).toContain('is ahead of');
  });
});
