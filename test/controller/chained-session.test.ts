import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createLiveRun } from '../../src/controller/live-run.ts';
import { QueueError, SluiceError } from '../../src/model/errors.ts';
import type { Settings } from '../../src/state/settings.ts';
import { realDisk } from '../../src/state/disk.ts';
import { createChainedList } from '../support/chained-list.ts';
import { createFastClock } from '../support/fast-clock.ts';
import { createProcessingSink } from '../support/processing-sink.ts';
import { openSessionWorld } from '../support/session-world.ts';
import { until } from '../support/until.ts';

const minute = 60_000;
const overlap: Partial<Settings> = { ordinal_overlap_seconds: 600 };
const service = { service: 'TEST' };

function world({ keys = 60, entries = [service] as readonly object[], times = 3000, giveUpMs = 0 } = {}) {
  const list = createChainedList();
  for (let key = 0; key < keys; key += 1) list.change(`k${key}`);
  list.now += 60 * minute;
  const sink = createProcessingSink();
  const clock = createFastClock(times, () => list.now);
  const opened = { kind: 'chained' as const, source: list };
  const late = giveUpMs === 0 ? {} : { giveUpMs };
  return {
    list,
    sink,
    clock,
    ...openSessionWorld({ opened, sink, clock, entries, settings: overlap, ...late }),
  };
}

/** Ordinals that consumers have finished. */
function finished(sink: ReturnType<typeof createProcessingSink>): ReadonlySet<unknown> {
  const shape = z.object({ ordinal: z.number() });
  return new Set(sink.finished.flatMap(({ values }) => values).map((value) => shape.parse(value).ordinal));
}

describe('a run of an entry with ordinals', () => {
  test('moves the ordinal in the file to the greatest there is, and the next one begins there', async () => {
    const { list, sink, read, start } = world();
    const process = start();
    await process.session();
    expect(read()).toMatchObject([{ ...service, latest_ordinal: 180, total_updates: 60 }]);
    expect(await process.session()).toMatchObject({ kind: 'complete', totals: { published: 0 } });
    list.change('new');
    expect(await process.session()).toMatchObject({ totals: { published: 1 } });
    expect(finished(sink)).toEqual(new Set(list.newest().values()));
    expect(process.store.receipts.of(process.entry().key)).toEqual([]);
  });

  test('shows in the file how far it is, in between', async () => {
    const { sink, read, start, clock } = world({ keys: 200 });
    sink.working = false;
    const running = start().session();
    const inFile = (): number => {
      const ordinal = Number(read()[0]?.['latest_ordinal'] ?? 0);
      // Invariant 1.
      for (let at = 3; at <= ordinal; at += 3) expect(finished(sink).has(at)).toBe(true);
      return ordinal;
    };
    // It is written when something was confirmed, ten seconds after the write before at the earliest, and not while one is on.
    const moves = async (from: number): Promise<number> => {
      for (;;) {
        await clock.sleep(11_000, new AbortController().signal);
        await until(() => sink.work(), { every: 2 });
        const moved = until(() => inFile() > from, { ms: 500, every: 2 });
        const [end] = await Promise.allSettled([moved]);
        if (end.status === 'fulfilled') return inFile();
      }
    };
    const first = await moves(0);
    const second = await moves(first);
    expect(second).toBeLessThan(600);
    const ending = setInterval(() => sink.work(), 2);
    await running;
    clearInterval(ending);
    expect(inFile()).toBe(600);
  });
});

describe('a kill (S9)', () => {
  class Killed extends Error {}

  /** A process that is killed when a fail point is passed for the nth time. Its own writes are looked at as a watcher would. */
  async function killedAt(point: string, nth: number) {
    const { list, sink, read, start, events } = world({ keys: 300, times: 20_000 });
    let left = nth;
    let isDead = false;
    const points = new Set<string>();
    const probe = (passed: string): void => {
      points.add(passed);
      if (passed === point) left -= 1;
      if (left === 0) isDead = true;
      if (isDead) throw new Killed(passed);
    };
    const publish = sink.publish.bind(sink);
    sink.publish = async (chunks, signal) => {
      if (isDead) throw new Killed();
      await publish(chunks, signal);
    };
    const first = start({ probe });
    const live = createLiveRun(first.entry());
    // Consumers that take their time, so that the ordinal is written more than once.
    sink.working = false;
    const watching = setInterval(() => {
      sink.work();
      if (!isDead) first.check(live);
    }, 3);
    await first.session(live).catch(() => {});
    clearInterval(watching);
    sink.publish = publish;
    sink.working = true;
    while (sink.work());
    expect(isDead).toBe(true);
    expect(live.reason).toBeUndefined();
    first.close();
    const ordinal = Number(read()[0]?.['latest_ordinal'] ?? 0);
    for (let at = 3; at <= ordinal; at += 3) expect(finished(sink).has(at)).toBe(true);

    const second = start();
    await second.completion.catchUp(new AbortController().signal);
    expect(Number(read()[0]?.['latest_ordinal'] ?? 0)).toBeGreaterThanOrEqual(ordinal);
    const isDone = second.store.runs.lastDone(second.entry().key) !== undefined;
    const runs = new Set(events.flatMap((event) => ('runId' in event ? [event.runId] : [])));
    if (!isDone) {
      const outcome = await second.session();
      if (runs.size > 0) expect(runs).toContain(outcome.run.id);
      const { read: all, published } =
        outcome.kind === 'complete' ? outcome.totals : { read: 0, published: 0 };
      expect([all, published]).toEqual([300, 300]);
    }
    expect(events.filter(({ type }) => type === 'run.cancelled')).toEqual([]);
    expect(read()).toMatchObject([{ latest_ordinal: 900, total_updates: 300 }]);
    expect(finished(sink)).toEqual(new Set(list.newest().values()));
    expect(second.store.runs.completing()).toEqual([]);
    second.close();
    return points;
  }

  const steps = [
    'store.run.begin',
    'store.receipt.add',
    'store.receipt.remove',
    'store.run.checkpoint',
    'store.run.intend',
    'store.run.advanced',
    'store.run.complete',
    'store.run.done',
  ];
  test.each(
    steps.flatMap(
      (step) =>
        [
          [`${step}.before`, 1],
          [`${step}.after`, 1],
        ] as const,
    ),
  )('at %s costs nothing', async (point, nth) => void (await killedAt(point, nth)));

  test.each([
    ['store.run.intend.after', 2],
    ['store.run.advanced.before', 2],
    ['state.create.before', 1],
    ['state.sync.after', 1],
    ['state.compare.after', 2],
    ['state.rename.after', 1],
    ['state.rename.after', 2],
    ['state.rename.after', 3],
  ])('at %s, the time number %i, costs nothing', async (point, nth) => void (await killedAt(point, nth)));
});

describe('a write of the ordinal that failed after the rename', () => {
  test("is no person's edit: the run goes on and ends as if nothing had been", async () => {
    const { read, start, events, list, sink } = world({ keys: 300, times: 20_000 });
    let failures = 2;
    const disk = {
      ...realDisk,
      async syncFolder(folder: string) {
        if ((failures -= 1) >= 0)
          throw Object.assign(new Error('i/o error'), { code: 'EIO', syscall: 'fsync' });
        await realDisk.syncFolder(folder);
      },
    };
    const process = start({ disk });
    const live = createLiveRun(process.entry());
    sink.working = false;
    const watching = setInterval(() => {
      sink.work();
      process.check(live);
    }, 3);
    const outcome = await process.session(live);
    clearInterval(watching);
    expect([outcome.kind, live.reason]).toEqual(['complete', undefined]);
    await process.completion.catchUp(new AbortController().signal);
    expect(failures).toBeLessThan(0);
    expect(events.filter(({ type }) => type === 'run.cancelled')).toEqual([]);
    expect(read()).toMatchObject([{ latest_ordinal: Math.max(...list.newest().values()) }]);
  });
});

async function leftBehind() {
  const { sink, start, events } = world();
  sink.working = false;
  const process = start();
  const live = createLiveRun(process.entry());
  const running = process.session(live);
  await until(() => sink.chunks.size === 3);
  live.drain.abort();
  expect(await running).toMatchObject({ kind: 'drained' });
  return { sink, process, events };
}

describe('a session that drains while it waits for what an earlier one left', () => {
  test('is drained, not failed', async () => {
    const { process, events } = await leftBehind();
    const live = createLiveRun(process.entry());
    const running = process.session(live);
    await until(() => events.some(({ type }) => type === 'chunks.waiting'));
    live.drain.abort();
    expect(await running).toMatchObject({ kind: 'drained' });
    expect(process.store.runs.unfinished(process.entry().key)?.error).toBeUndefined();
  });

  test('publishes nothing before that is finished', async () => {
    const { sink, process } = await leftBehind();
    const running = process.session();
    sink.work();
    sink.work();
    await until(() => sink.finished.length === 2);
    expect(sink.chunks.size).toBe(3);
    sink.working = true;
    sink.work();
    expect(await running).toMatchObject({ kind: 'complete' });
  });
});

/** Fresh changes, a session that drains after its first chunks, and the rest of the run in another process. */
async function inTwoSessions() {
  const found = world({ keys: 0 });
  for (let key = 0; key < 60; key += 1) found.list.change(`k${key}`);
  const first = found.start();
  const live = createLiveRun(first.entry());
  found.sink.working = false;
  const running = first.session(live);
  await until(() => found.sink.work() && found.events.some(({ type }) => type === 'page.confirmed'), {
    every: 2,
  });
  live.drain.abort();
  expect(await running).toMatchObject({ kind: 'drained' });
  const checkpoint = first.store.runs.unfinished(first.entry().key)?.checkpoint.version;
  expect(checkpoint).toBeGreaterThan(0);
  expect(checkpoint).toBeLessThan(180);
  first.close();
  while (found.sink.work());
  found.sink.working = true;
  const second = found.start();
  expect(await second.session()).toMatchObject({ kind: 'complete' });
  return { ...found, process: second };
}

describe('a run that was interrupted', () => {
  test('leaves the next run nothing to publish again, although that one looks at all of it', async () => {
    const { process } = await inTwoSessions();
    expect(await process.session()).toMatchObject({ totals: { read: 60, ignored: 60, published: 0 } });
  });

  test('twin: where the first session leaves no tail, its records come again', async () => {
    const { process } = await inTwoSessions();
    const last = process.store.runs.lastDone(process.entry().key);
    const tail = process.store.runs.tail(last?.id ?? '');
    const forgetful = { ...process.store.runs, tail: () => new Map([...tail].slice(-20)) };
    const parts = { ...process.parts, store: { ...process.store, runs: forgetful } };
    expect(await process.session(undefined, parts)).toMatchObject({ totals: { published: 40 } });
  });
});

const refused = (): string => 'the table is gone';

/** Whose letters are overtaken after a record died and, unless nothing may change, came again in a newer version. */
async function letters(more: (list: ReturnType<typeof createChainedList>) => void) {
  const { list, sink, start } = world();
  const process = start();
  sink.refuses = (value) => (JSON.stringify(value).includes('"ordinal":30}') ? refused() : undefined);
  await process.session();
  more(list);
  await process.session();
  return process.store.deadLetters.list().map(({ key, isOvertaken }) => [key, isOvertaken]);
}

describe('a dead letter', () => {
  test('is overtaken when its record is published in a newer version', async () => {
    expect(await letters((list) => list.change('k9'))).toEqual([['k9', true]]);
  });

  test('stands when other records go by', async () => {
    expect(await letters((list) => list.change('k8'))).toEqual([['k9', false]]);
  });

  test('is noted before the newer version is published, whatever happens then', async () => {
    const { list, sink, start } = world();
    const process = start();
    sink.refuses = (value) => (JSON.stringify(value).includes('"ordinal":30}') ? refused() : undefined);
    await process.session();
    list.change('k9');
    const seen: unknown[] = [];
    const publish = sink.publish.bind(sink);
    sink.publish = async (chunks, signal) => {
      seen.push(...process.store.deadLetters.list().map(({ isOvertaken }) => isOvertaken));
      await publish(chunks, signal);
    };
    await process.session();
    expect(seen).toEqual([true]);
  });
});

describe('a run that was dropped', () => {
  test('for too many dead: the next one goes on at the ordinal in the file, under another id', async () => {
    const { list, sink, read, start, events } = world({ keys: 100 });
    const process = start();
    sink.refuses = (value) =>
      Number(JSON.stringify(value).match(/\d+/g)?.at(-1)) > 150 ? refused() : undefined;
    const failure = await process.session().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({
      code: 'run.too_many_dead',
      message: expect.stringContaining('the table is gone'),
    });
    expect(failure).toBeInstanceOf(SluiceError);
    const key = process.entry().key;
    expect(process.store.runs.unfinished(key)).toBeUndefined();
    // Not cancelled: nobody asked for that.
    expect(process.store.runs.recent(1)).toMatchObject([{ state: 'failed' }]);
    expect(read()).toMatchObject([{ latest_ordinal: 150 }]);
    const before = events.flatMap((event) => (event.type === 'run.started' ? [event.runId] : []));
    sink.refuses = () => undefined;
    const outcome = await process.session();
    expect(before).not.toContain(outcome.run.id);
    expect(outcome.run.span).toMatchObject({ since: 150 });
    expect(finished(sink)).toEqual(new Set(list.newest().values()));
  });

  test('leaves no late change behind the ordinal that it had written', async () => {
    const { list, sink, start } = world({ keys: 40 });
    const process = start();
    await process.session();
    list.now += 60 * minute;
    const late = list.change('late', list.now + 5 * minute);
    for (let key = 0; key < 60; key += 1) list.change(`n${key}`);
    const publish = sink.publish.bind(sink);
    const dead = new QueueError('stopped', { code: 'queue.stopped', recovery: 'stop' });
    sink.publish = async (chunks, signal) => {
      if (list.reads.length > 8) throw dead;
      await publish(chunks, signal);
    };
    await expect(process.session()).rejects.toBe(dead);
    sink.publish = publish;
    expect(Number(process.entry().raw['latest_ordinal'])).toBeGreaterThan(late);
    const run = process.store.runs.unfinished(process.entry().key);
    process.store.runs.drop(run?.id ?? '', list.now, 'the entry became invalid');
    list.now += 60 * minute;
    await process.session();
    expect(finished(sink)).toEqual(new Set(list.newest().values()));
  });
});

describe('a cancelled session', () => {
  test('moves nothing in the file any more, whatever was confirmed', async () => {
    const { sink, read, start, write } = world({ keys: 100 });
    sink.working = false;
    const process = start();
    const live = createLiveRun(process.entry());
    const running = process.session(live);
    await until(() => sink.chunks.size === 3);
    sink.work();
    write([{ ...service, latest_ordinal: 7 }]);
    process.check(live);
    while (sink.work());
    await expect(running).rejects.toThrow('aborted');
    expect(live.reason).toBe('latest_ordinal was edited');
    expect(read()).toEqual([{ ...service, latest_ordinal: 7 }]);
  });
});

describe('a service of a group', () => {
  test('moves its own ordinal in the object, and leaves what a person does to the others', async () => {
    const entries = [{ service: 'all', latest_ordinal: { OTHER: 5 } }];
    const list = createChainedList();
    for (let key = 0; key < 100; key += 1) list.change(`k${key}`);
    list.now += 60 * minute;
    const sink = createProcessingSink();
    sink.working = false;
    const groups = new Map([['all', ['TEST', 'OTHER']]]);
    const opened = { kind: 'chained' as const, source: list };
    const clock = createFastClock(3000, () => list.now);
    const { start, read, write } = openSessionWorld({ opened, sink, clock, entries, groups });
    const process = start();
    const live = createLiveRun(process.entry());
    const running = process.session(live);
    await until(() => sink.chunks.size === 3);
    const [entry = {}] = read();
    write([{ ...entry, note: 'mine', latest_ordinal: { OTHER: 1000, NEW: 1 } }]);
    process.check(live);
    sink.working = true;
    while (sink.work());
    await running;
    expect(read()).toEqual([
      { service: 'all', note: 'mine', latest_ordinal: { OTHER: 1000, NEW: 1, TEST: 300 } },
    ]);
  });
});
