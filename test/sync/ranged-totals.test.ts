import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { limitedBy, noTotals } from '../../src/model/run-totals.ts';
import { noTraffic, type Traffic } from '../../src/model/traffic.ts';
import type { RangedParts } from '../../src/sync/ranged-run.ts';
import { contentHash } from '../../src/model/ids.ts';
import { createFixedList, members } from '../support/fixed-list.ts';
import { createMemorySink } from '../support/memory-sink.ts';
import { newRun, runSession, type SavedRun } from '../support/ranged-session.ts';

interface Speeds {
  readonly answerMs?: number;
  readonly publishMs?: number;
  readonly roomMs?: number;
  readonly workers?: number;
  readonly spentMs?: Traffic['spentMs'];
}

/** Who a run over 20 pages is said to be limited by. */
async function limitOf({ answerMs = 0, publishMs = 0, roomMs = 0, workers = 2, spentMs }: Speeds) {
  const sink = createMemorySink();
  if (publishMs > 0) sink.before = async () => await delay(publishMs);
  const source = createFixedList(members(200), {
    bend: async (page) => {
      if (answerMs > 0) await delay(answerMs);
      return page;
    },
  });
  const parts: Partial<RangedParts> = {
    ...(roomMs > 0 ? { gate: { pass: async () => await delay(roomMs) } } : {}),
    ...(spentMs ? { traffic: () => ({ ...noTraffic, spentMs }) } : {}),
  };
  const { totals } = await runSession({ source, sink, saved: newRun(), workers, items: 10, parts });
  expect(totals).toMatchObject({ read: 200, published: 200 });
  return limitedBy(totals);
}

describe('who limits a run', () => {
  test.each<[string, string, Speeds]>([
    ['the readers, when there are few and answers take their time', 'workers', { answerMs: 10, workers: 1 }],
    ['the source, when everything is asked for at once', 'source', { answerMs: 60, workers: 40 }],
    ['the queue, when it takes its time', 'queue', { publishMs: 15 }],
    ['the queue, when it has no room', 'queue', { roomMs: 15 }],
    [
      'the quota, when the requests mostly wait for its places',
      'quota',
      { answerMs: 10, workers: 1, spentMs: { underWay: 20, quota: 80, pausing: 0 } },
    ],
    [
      'the source, when the requests mostly wait because it refused',
      'source',
      { answerMs: 10, workers: 1, spentMs: { underWay: 20, quota: 0, pausing: 80 } },
    ],
  ])('is %s', async (_, limit, speeds) => {
    expect(await limitOf(speeds)).toBe(limit);
  });

  test('is nobody for a run that waited for nothing', () => {
    expect(limitedBy(noTotals)).toBeUndefined();
  });
});

describe('the totals of a run', () => {
  const traffic: Traffic = {
    requests: 5,
    retried: 2,
    bytes: 100,
    slowestMs: 300,
    spentMs: { underWay: 1, quota: 0, pausing: 0 },
  };

  test('go on with those of its earlier sessions', async () => {
    const saved: SavedRun = {
      ...newRun(),
      totals: {
        ...noTotals,
        requests: 10,
        retried: 1,
        ignored: 3,
        slowestMs: 900,
        waitedMs: { source: 1000, queue: 50_000, workers: 0, quota: 0 },
      },
    };
    const { totals } = await runSession({
      source: createFixedList(members(30)),
      sink: createMemorySink(),
      saved,
      parts: { traffic: () => traffic },
    });
    expect(totals).toMatchObject({ requests: 15, retried: 3, bytes: 100, slowestMs: 900, ignored: 3 });
    // An hour in front of a full queue is not outweighed by the second after it.
    expect(limitedBy(totals)).toBe('queue');
  });

  test('count what the run before had published as ignored', async () => {
    const all = members(30);
    const known = new Map(
      all
        .slice(0, 12)
        .map(({ key = '', version, value }) => [key, `${version} ${contentHash(JSON.stringify(value))}`]),
    );
    const { totals } = await runSession({
      source: createFixedList(all),
      sink: createMemorySink(),
      saved: newRun(),
      known,
    });
    expect(totals).toMatchObject({ read: 30, published: 18, ignored: 12 });
  });

  test('count as ignored what comes again after a resume, and publish it once', async () => {
    const saved = newRun();
    const sink = createMemorySink();
    const stop = new AbortController();
    const source = createFixedList(members(40, () => 1000));
    const drained = await runSession({
      source,
      sink,
      saved,
      workers: 1,
      items: 10,
      parts: {
        drain: stop.signal,
        emit: (event) => {
          if (event.type === 'page.confirmed' && event.page === 1) stop.abort();
        },
      },
    });
    expect(drained.kind).toBe('drained');
    const { totals } = await runSession({ source, sink, saved, workers: 1, items: 10 });
    expect(totals.read).toBe(40);
    expect(totals.published).toBe(40);
    expect(totals.ignored).toBe(drained.totals.published);
    expect(new Set(sink.values()).size).toBe(40);
  });
});
