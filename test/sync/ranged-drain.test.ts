import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAbort } from '../../src/model/errors.ts';
import type { EventBody } from '../../src/model/events.ts';
import { delivered } from '../support/delivered.ts';
import { createFixedList, type FixedList, members } from '../support/fixed-list.ts';
import { createMemorySink } from '../support/memory-sink.ts';
import { newRun, runSession } from '../support/ranged-session.ts';

const all = members(150);
const keys = all.map(({ key = '' }) => key);
const items = 10;

/** A session over a slow list, into a slow sink. */
function slowSession() {
  const source = createFixedList(all, {
    async bend(page, _, nth) {
      for (let turns = 0; turns < (nth * 7) % 5; turns += 1) await turn();
      return page;
    },
  });
  const sink = createMemorySink();
  let published = 0;
  sink.before = async () => {
    for (let turns = 0; turns < ((published += 1) * 3) % 4; turns += 1) await turn();
  };
  const events: EventBody[] = [];
  return { source, sink, events, saved: newRun(), workers: 3, items };
}

async function afterTurns(count: number, act: () => void): Promise<void> {
  for (let turns = 0; turns < count; turns += 1) await turn();
  act();
}

function namesIn(...sinks: ReturnType<typeof createMemorySink>[]): string[] {
  return sinks.flatMap((sink) => delivered(sink).map((name) => name.split(' ')[0] ?? ''));
}

/** Asked to drain at some moment: everything asked for until then is published and saved, and nothing more is asked for. */
async function checkDrain(
  moment: number,
  drainSignal: (drain: AbortController) => AbortSignal = (drain) => drain.signal,
): Promise<void> {
  const drain = new AbortController();
  const session = slowSession();
  const { source, sink, saved } = session;
  let askedAtDrain: FixedList['asked'] = [];
  const [outcome] = await Promise.all([
    runSession({ ...session, parts: { drain: drainSignal(drain) } }),
    afterTurns(moment, () => {
      askedAtDrain = [...source.asked];
      drain.abort();
    }),
  ]);
  if (outcome.kind === 'drained') {
    expect(source.asked).toEqual(askedAtDrain);
    expect(new Set(namesIn(sink))).toEqual(new Set(keys.slice(0, askedAtDrain.length * items)));
    expect(saved.point.nextPage).toBe(askedAtDrain.length);
  } else expect(namesIn(sink)).toHaveLength(all.length);
  // Nothing twice afterwards, because everything was saved: only the second at the checkpoint is asked for again.
  const rest = createMemorySink();
  expect(await runSession({ ...session, sink: rest })).toMatchObject({ kind: 'complete' });
  expect(namesIn(sink, rest).toSorted()).toEqual(keys.toSorted());
}

const late = (drain: AbortController): AbortSignal => {
  const later = new AbortController();
  drain.signal.addEventListener('abort', () => setTimeout(() => later.abort(), 1));
  return later.signal;
};

describe('a run that is asked to drain (S19)', () => {
  test('publishes the pages asked for, asks for no other, and goes on later without repeating any', async () => {
    for (let moment = 0; moment < 60; moment += 1) await checkDrain(moment);
  });

  test('is checked so that one that goes on asking is found (twin)', async () => {
    await expect(checkDrain(5, () => new AbortController().signal)).resolves.toBeUndefined();
    const failures = await Promise.allSettled([3, 5, 8, 11, 14].map((moment) => checkDrain(moment, late)));
    expect(failures.some(({ status }) => status === 'rejected')).toBe(true);
  });

  test('before it began asks for nothing', async () => {
    const session = slowSession();
    const outcome = await runSession({ ...session, parts: { drain: AbortSignal.abort() } });
    expect(outcome.kind).toBe('drained');
    expect(session.source.asked).toEqual([]);
  });

  test('while it waits for room in the queue ends without a page more', async () => {
    const drain = new AbortController();
    const session = slowSession();
    const waiting = Promise.withResolvers<void>();
    const running = runSession({
      ...session,
      parts: {
        drain: drain.signal,
        gate: {
          async pass(signal) {
            if (session.source.asked.length < 4) return;
            waiting.resolve();
            await new Promise((_, reject) => {
              signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
            });
          },
        },
      },
    });
    await waiting.promise;
    drain.abort();
    expect(await running).toMatchObject({ kind: 'drained', totals: { published: 40 } });
    expect(session.saved.point.nextPage).toBe(4);
  });
});

describe('a run that is cancelled (S4)', () => {
  test('ends with an AbortError at any moment, and what it saved is confirmed', async () => {
    for (let moment = 0; moment < 60; moment += 1) {
      const cancel = new AbortController();
      const session = slowSession();
      const [ended] = await Promise.all([
        runSession({ ...session, parts: { cancel: cancel.signal } }).catch((error: unknown) => error),
        afterTurns(moment, () => cancel.abort()),
      ]);
      if (ended instanceof Error) expect(isAbort(ended)).toBe(true);
      else expect(ended).toMatchObject({ kind: 'complete' });
      const there = new Set(namesIn(session.sink));
      const claimed = all.filter(({ version }) => version < (session.saved.point.version ?? 0));
      expect(claimed.filter(({ key }) => !there.has(key ?? ''))).toEqual([]);
      expect(session.saved.keys.filter((key) => !there.has(key))).toEqual([]);
    }
  });

  test('by two signals at once, drain and cancel, ends with the AbortError', async () => {
    const both = new AbortController();
    const session = slowSession();
    const [ended] = await Promise.all([
      runSession({ ...session, parts: { cancel: both.signal, drain: both.signal } }).catch(
        (error: unknown) => error,
      ),
      afterTurns(9, () => both.abort()),
    ]);
    expect(isAbort(ended)).toBe(true);
  });
});

describe('a run whose entry is edited in the middle', () => {
  const settings = fc.array(
    fc.record({
      workerCount: fc.integer({ min: 1, max: 12 }),
      itemsPerRequest: fc.integer({ min: 1, max: 60 }),
    }),
    { minLength: 1, maxLength: 40 },
  );

  test('takes another worker_count and items_per_request from the next page on, and arrives whole, once', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async (versions) => {
        let reads = 0;
        const session = slowSession();
        const limits = new Set<number>();
        const outcome = await runSession({
          ...session,
          parts: {
            live() {
              const now = versions[Math.min((reads += 1), versions.length) - 1] ?? {
                workerCount: 1,
                itemsPerRequest: 10,
              };
              limits.add(now.itemsPerRequest);
              return now;
            },
          },
        });
        expect(outcome).toMatchObject({ kind: 'complete', totals: { read: 150, published: 150, reread: 0 } });
        expect(namesIn(session.sink).toSorted()).toEqual(keys.toSorted());
        expect(session.source.asked.every(({ limit }) => limits.has(limit))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('reads with no more readers than it has at the moment', async () => {
    let reading = 0;
    let most = 0;
    let workerCount = 6;
    const source = createFixedList(all, {
      async bend(page, _, nth) {
        if (nth === 6) workerCount = 2;
        if (nth > 12) most = Math.max(most, (reading += 1));
        for (let turns = 0; turns < 4; turns += 1) await turn();
        if (nth > 12) reading -= 1;
        return page;
      },
    });
    const session = { ...slowSession(), source };
    await runSession({ ...session, parts: { live: () => ({ workerCount, itemsPerRequest: 5 }) } });
    expect(most).toBe(2);
  });
});
