import { expect, describe, test } from 'vitest';
import { createChainedList, type ChainedList } from '../support/chained-list.ts';
import { newChain, runChain } from '../support/chained-session.ts';
import { createProcessingSink, type ProcessingSink } from '../support/processing-sink.ts';
import { until } from '../support/until.ts';
import type { Clock } from '../../src/model/clock.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { SourceRecord } from '../../src/model/record.ts';
import { z } from 'zod';

const valueSchema = z.object({ id: z.string(), ordinal: z.number() });

/** What consumers have, as one that keeps the newest of each key. */
function arrived(sink: ProcessingSink): Map<string, number> {
  const newest = new Map<string, number>();
  for (const chunk of sink.finished) {
    for (const value of chunk.values) {
      const { id, ordinal } = valueSchema.parse(value);
      newest.set(id, Math.max(newest.get(id) ?? 0, ordinal));
    }
  }
  return newest;
}

/** Follows the clock of the source. */
function clockOf(list: ChainedList): Clock {
  return { ...systemClock, now: () => list.now };
}

function world(options: Parameters<typeof createChainedList>[0] = {}) {
  const source = createChainedList(options);
  const sink = createProcessingSink();
  const saved = newChain();
  return { source, sink, saved, clock: clockOf(source) };
}

const minutes = (count: number): number => count * 60_000;

describe('a chained run', () => {
  test('follows short pages to the end and moves the cursor to the greatest ordinal', async () => {
    const { source, sink, saved, clock } = world({ mostRecords: 7 });
    for (let key = 0; key < 100; key += 1) source.change(`k${key}`);
    const outcome = await runChain({ source, sink, saved, clock, items: 10 });
    expect(outcome).toMatchObject({ kind: 'complete', ordinal: 300, totals: { read: 100, published: 100 } });
    expect(arrived(sink)).toEqual(source.newest());
    expect(saved.receipts.size).toBe(0);
  });

  test('reads the next page while consumers are at work, worker_count pages ahead at most', async () => {
    const { source, sink, saved, clock } = world();
    sink.working = false;
    for (let key = 0; key < 100; key += 1) source.change(`k${key}`);
    const running = runChain({ source, sink, saved, clock, workers: 3, items: 10 });
    await until(() => sink.chunks.size === 3);
    expect(source.reads).toHaveLength(3);
    expect(saved.point.version).toBeUndefined();
    sink.work();
    await until(() => sink.chunks.size === 4);
    sink.working = true;
    while (sink.work());
    expect(await running).toMatchObject({ kind: 'complete', ordinal: 300 });
  });

  test('keeps the cursor behind what consumers have not finished', async () => {
    const { source, sink, saved, clock } = world();
    for (let key = 0; key < 30; key += 1) source.change(`k${key}`);
    sink.working = false;
    const running = runChain({ source, sink, saved, clock, workers: 3, items: 10 });
    await until(() => sink.chunks.size === 3);
    sink.work();
    await until(() => saved.point.version === 30);
    sink.work();
    await until(() => saved.point.version === 60);
    sink.work();
    expect(await running).toMatchObject({ kind: 'complete', ordinal: 90 });
  });
});

/** Runs every half hour while a change gets its ordinal five minutes before it shows. */
async function runHours(overlapMs: number, tellsTime: boolean) {
  const { source, sink, saved, clock } = world({ tellsTime });
  for (let key = 0; key < 50; key += 1) source.change(`k${key}`);
  source.now += minutes(60);
  for (let round = 0; round < 4; round += 1) {
    const late = source.change(`late${round}`, source.now + minutes(5));
    source.change(`prompt${round}`);
    source.now += minutes(1);
    await runChain({ source, sink, saved, clock, overlapMs });
    expect(saved.cursor).toBeGreaterThan(late);
    source.now += minutes(29);
  }
  await runChain({ source, sink, saved, clock, overlapMs });
  const reads = source.reads.length;
  return { source, sink, saved, reads };
}

describe('changes that are committed late', () => {
  test.each([[true], [false]])(
    'are met by the next run, and nothing comes twice (source tells time: %s)',
    async (tells) => {
      const { source, sink, saved } = await runHours(minutes(10), tells);
      expect(arrived(sink)).toEqual(source.newest());
      const published = [...sink.chunks.values()].flatMap((chunk) => chunk.keys);
      expect(published.length).toBe(new Set(published).size);
      // The overlap never shows: the cursor is the greatest ordinal there is.
      expect(saved.cursor).toBe(Math.max(...source.newest().values()));
    },
  );

  test('twin: without the overlap they are lost', async () => {
    const { source, sink } = await runHours(0, true);
    expect(arrived(sink).size).toBeLessThan(source.newest().size);
  });

  test('a long load is not read again: what is old when it is read is settled', async () => {
    const { source, sink, saved, clock } = world();
    for (let key = 0; key < 500; key += 1) source.change(`k${key}`);
    source.now += minutes(60);
    await runChain({ source, sink, saved, clock, items: 100 });
    source.reads.length = 0;
    source.now += minutes(60);
    const { totals } = await runChain({ source, sink, saved, clock, items: 100 });
    expect(totals).toMatchObject({ read: 0, published: 0 });
    expect(source.reads).toHaveLength(1);
  });

  test('a reset of the cursor publishes everything again, whatever was published before', async () => {
    const { source, sink, saved, clock } = world();
    for (let key = 0; key < 20; key += 1) source.change(`k${key}`);
    await runChain({ source, sink, saved, clock });
    saved.cursor = 0;
    saved.overlapFrom = undefined;
    saved.tail = new Map();
    expect(await runChain({ source, sink, saved, clock })).toMatchObject({ totals: { published: 20 } });
  });
});

async function publishedInOrder(sameKey: boolean) {
  const { source, sink, saved, clock } = world({ mostRecords: 1 });
  sink.working = false;
  source.change('a');
  source.before = () => {
    if (source.reads.length === 2) source.change(sameKey ? 'a' : 'b');
  };
  source.change('x');
  const running = runChain({ source, sink, saved, clock, workers: 5, items: 1 });
  await until(() => source.reads.length >= 3);
  await until(() => sink.chunks.size >= (sameKey ? 2 : 3));
  const before = sink.chunks.size;
  sink.working = true;
  while (sink.work());
  await running;
  return before;
}

describe('the order of one key', () => {
  test('a page waits for the unconfirmed chunk that holds one of its keys', async () => {
    expect(await publishedInOrder(true)).toBe(2);
  });

  test('twin: with another key it does not wait', async () => {
    expect(await publishedInOrder(false)).toBe(3);
  });
});

describe('a record that consumers refuse', () => {
  test('stands alone at the end, is a dead letter with its reason, and takes nothing else with it', async () => {
    const { source, sink, saved, clock } = world();
    for (let key = 0; key < 64; key += 1) source.change(`k${key}`);
    sink.refuses = (value) =>
      valueSchema.parse(value).id === 'k13' ? 'k13: metadata is missing' : undefined;
    const outcome = await runChain({ source, sink, saved, clock, items: 64 });
    expect(outcome).toMatchObject({ kind: 'complete', totals: { published: 63, deadLetters: 1 } });
    expect(arrived(sink).size).toBe(63);
    expect(saved.letters).toMatchObject([
      { key: 'k13', reason: 'k13: metadata is missing', stack: 'at consumer', payload: { id: 'k13' } },
    ]);
    // Its chunk names its parents (S12).
    expect(saved.letters[0]?.chunk).toMatch(/^rchain1-0-0-[0-9a-f]{16}(-[ab]){6}$/);
  });

  test('more of them than a run may bury stop it, and the cursor stays', async () => {
    const { source, sink, saved, clock } = world();
    for (let key = 0; key < 64; key += 1) source.change(`k${key}`);
    sink.refuses = () => 'the database is of another kind';
    await expect(runChain({ source, sink, saved, clock, items: 64 })).rejects.toMatchObject({
      code: 'run.too_many_dead',
      recovery: 'stop',
    });
    expect(saved.point.version).toBeUndefined();
    expect(saved.cursor).toBe(0);
  });
});

const record = (version: number): SourceRecord => ({
  key: 'a',
  version,
  value: { id: 'a', ordinal: version },
});

/** A source that says so often that there is more, and gives nothing. */
async function runEmpty(empty: number) {
  const { sink, saved, clock } = world();
  let reads = 0;
  const source = {
    async read({ after }: { after: number }) {
      reads += 1;
      const isEmpty = reads <= empty;
      const records = isEmpty ? [] : [record(after + 1)];
      return await Promise.resolve({ records, next: after + 1, hasMore: isEmpty, bytes: 1, now: 0 });
    },
  };
  return await runChain({ source, sink, saved, clock, workers: 20 });
}

describe('a chain that does not move on', () => {
  const page = { records: [record(5)], bytes: 1, now: 0 };

  test.each([
    ['repeats its ordinal', { ...page, next: 0, hasMore: true }, 'repeats the ordinal 0'],
    ['repeats its ordinal at the end', { ...page, next: 0, hasMore: false }, 'repeats the ordinal 0'],
    [
      'is empty and says there is more where it stands',
      { ...page, records: [], next: 0, hasMore: true },
      'repeats',
    ],
  ])('%s', async (_what, answer, message) => {
    const { sink, saved, clock } = world();
    const source = { read: async () => await Promise.resolve(answer) };
    await expect(runChain({ source, sink, saved, clock })).rejects.toMatchObject({
      code: 'run.chain_broken',
      message: expect.stringContaining(message),
    });
    expect(saved.cursor).toBe(0);
  });

  test('goes back', async () => {
    const { sink, saved, clock } = world();
    saved.cursor = 100;
    const source = { read: async () => await Promise.resolve({ ...page, next: 50, hasMore: false }) };
    await expect(runChain({ source, sink, saved, clock })).rejects.toMatchObject({
      message: expect.stringContaining('goes back from the ordinal 100 to 50'),
    });
  });

  test('gives ten empty pages in a row that say there is more; nine are followed', async () => {
    expect(await runEmpty(9)).toMatchObject({ kind: 'complete', ordinal: 10 });
    await expect(runEmpty(10)).rejects.toMatchObject({ code: 'run.chain_broken' });
  });
});

describe('a session that drains', () => {
  test('publishes what was read, waits for no consumer, and the next session confirms it without publishing anew', async () => {
    const { source, sink, saved, clock } = world();
    for (let key = 0; key < 50; key += 1) source.change(`k${key}`);
    sink.working = false;
    const drain = new AbortController();
    const running = runChain({ source, sink, saved, clock, workers: 2, items: 10, drain: drain.signal });
    await until(() => sink.chunks.size === 2);
    drain.abort();
    expect(await running).toMatchObject({ kind: 'drained' });
    expect(saved.receipts.size).toBe(2);
    expect(saved.point.version).toBeUndefined();
    const before = [...sink.chunks.keys()];
    while (sink.work());
    sink.working = true;
    expect(await runChain({ source, sink, saved, clock, items: 10 })).toMatchObject({
      kind: 'complete',
      ordinal: 150,
    });
    expect([...sink.chunks.keys()].slice(0, 2)).toEqual(before);
    expect(sink.chunks.size).toBe(5);
    expect(arrived(sink)).toEqual(source.newest());
  });

  test('does not publish a page behind one that it gave up, if they share a key', async () => {
    const { source, sink, saved, clock } = world({ mostRecords: 1 });
    sink.working = false;
    source.change('a');
    source.change('b');
    source.before = () => {
      if (source.reads.length === 2) source.change('a');
    };
    const drain = new AbortController();
    const running = runChain({ source, sink, saved, clock, workers: 3, items: 1, drain: drain.signal });
    await until(() => source.reads.length === 3);
    drain.abort();
    await running;
    expect([...sink.chunks.values()].flatMap(({ keys }) => keys)).toEqual(['a', 'b']);
  });
});

describe('a queue that forgets', () => {
  test('everything: unfinished chunks are published again, under the same ids', async () => {
    const { source, sink, saved, clock } = world();
    for (let key = 0; key < 20; key += 1) source.change(`k${key}`);
    sink.working = false;
    const running = runChain({ source, sink, saved, clock, items: 10 });
    await until(() => sink.chunks.size === 2);
    const before = [...sink.chunks.keys()];
    sink.flush();
    await until(() => sink.chunks.size === 2);
    expect([...sink.chunks.keys()]).toEqual(before);
    sink.working = true;
    while (sink.work());
    expect(await running).toMatchObject({ kind: 'complete', totals: { published: 20 } });
    expect(arrived(sink)).toEqual(source.newest());
  });

  test('one job: it is published again once, and gone twice stops the entry', async () => {
    const { source, sink, saved, clock } = world();
    source.change('a');
    sink.working = false;
    const running = runChain({ source, sink, saved, clock });
    running.catch(() => {});
    await until(() => sink.chunks.size === 1);
    const [id = ''] = sink.chunks.keys();
    sink.remove(id);
    await until(() => sink.publishes.get(id) === 2);
    sink.remove(id);
    await expect(running).rejects.toMatchObject({
      code: 'queue.removes',
      message: expect.stringContaining('finished jobs are removed before they can be confirmed'),
    });
  });
});

test('go --once gives up when nothing moves, and says what waits', async () => {
  const { source, sink, saved, clock } = world();
  source.change('a');
  sink.working = false;
  await expect(runChain({ source, sink, saved, clock, giveUpMs: 200 })).rejects.toMatchObject({
    code: 'queue.unconfirmed',
    message: '1 chunk waits for consumers, 1 worker on queue "memory"',
  });
});
