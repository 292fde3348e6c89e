import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../src/model/events.ts';
import type { DeadLetter, SourceRecord } from '../../src/model/record.ts';
import { delivered } from '../support/delivered.ts';
import {
  createFixedList,
  fixedNow,
  type FixedListOptions,
  memberOf,
  members,
} from '../support/fixed-list.ts';
import { createMemorySink } from '../support/memory-sink.ts';
import { newRun, runSession, savingInto, type SessionOptions } from '../support/ranged-session.ts';

/** The end of the window of every run here (S6). */
const until = fixedNow - 5;

async function sync(
  records: readonly SourceRecord[],
  bent: FixedListOptions = {},
  options: Partial<SessionOptions> = {},
) {
  const source = createFixedList(records, bent);
  const sink = createMemorySink();
  const saved = newRun();
  const events: EventBody[] = [];
  const letters: DeadLetter[] = [];
  const outcome = runSession({
    source,
    sink,
    saved,
    events,
    workers: 3,
    items: 10,
    ...options,
    parts: { bury: (some) => void letters.push(...some), ...options.parts },
  });
  const result = await outcome.catch((error: unknown) => error);
  const ids = delivered(sink).map((name) => name.split(' ')[0] ?? '');
  const passes = 1 + events.filter(({ type }) => type === 'run.again').length;
  return { result, ids, sorted: ids.toSorted(byNumber), source, sink, saved, events, letters, passes };
}

function keysOf(records: readonly SourceRecord[]): (string | undefined)[] {
  return records.map(({ key }) => key);
}

function byNumber(a: string, b: string): number {
  return Number(a.slice(1)) - Number(b.slice(1));
}

const complete = { kind: 'complete' };

describe('a list that stands still', () => {
  test.each([0, 1, 9, 10, 11, 20, 29, 30, 31, 60, 61, 100])(
    'of %i members arrives exactly once',
    async (count) => {
      const { result, sorted, source, saved, passes } = await sync(members(count));
      expect(result).toMatchObject(complete);
      expect(sorted).toEqual(keysOf(members(count)));
      expect(passes).toBe(1);
      // No page more than there are, and one request for the total at the end.
      expect(source.asked.map(({ offset }) => offset).toSorted((a, b) => a - b)).toEqual(
        [...Array(Math.ceil(count / 10)).keys()].map((page) => page * 10),
      );
      expect(source.totals()).toBe(1);
      expect(result).toMatchObject({ totals: { read: count, published: count, reread: 0, deadLetters: 0 } });
      expect(saved.point).toEqual({
        version: count === 0 ? undefined : 1000 + count - 1,
        nextPage: Math.ceil(count / 10),
      });
    },
  );

  test.each([1, 2, 7, 100])('arrives exactly once with %i workers', async (workers) => {
    const { result, sorted } = await sync(members(95), {}, { workers });
    expect(result).toMatchObject(complete);
    expect(sorted).toEqual(keysOf(members(95)));
  });

  test('arrives exactly once when all members changed in the same second', async () => {
    const all = members(95, () => 1000);
    const { result, sorted, saved } = await sync(all);
    expect(result).toMatchObject(complete);
    expect(sorted).toEqual(keysOf(all));
    expect(saved.keys.toSorted(byNumber)).toEqual(keysOf(all));
  });

  test('publishes a page as one chunk whose id names run, page and part', async () => {
    const { sink } = await sync(members(25));
    expect([...sink.chunks.keys()].map((id) => id.replace(/-[0-9a-f]{16}$/, '')).toSorted()).toEqual([
      'rtest-0-0',
      'rtest-1-0',
      'rtest-2-0',
    ]);
  });

  test('does not begin a page further than twice the workers beyond the confirmed prefix (S7)', async () => {
    const first = Promise.withResolvers<void>();
    const pages: number[] = [];
    const running = sync(
      members(200),
      {
        async bend(page, { offset }) {
          pages.push(offset / 10);
          if (offset === 0) await first.promise;
          return page;
        },
      },
      { workers: 3 },
    );
    for (let turns = 0; turns < 200; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(Math.max(...pages)).toBe(5);
    first.resolve();
    expect((await running).sorted).toHaveLength(200);
  });
});

describe('records at the edges of the window', () => {
  test('beyond its end are left to the next run, and do not make the run believe it lost some', async () => {
    const all = [...members(20), memberOf('late1', until), memberOf('late2', until + 1)];
    const { result, ids, passes } = await sync(all);
    expect(result).toMatchObject(complete);
    expect(ids).toContain('late1');
    expect(ids).not.toContain('late2');
    expect(passes).toBe(1);
  });

  test('beyond its end do not move the checkpoint beyond it', async () => {
    const { saved } = await sync([...members(5), memberOf('late', until + 1)]);
    expect(saved.point.version).toBe(1004);
  });

  test('that are all beyond its end make an empty run', async () => {
    const { result, ids, saved } = await sync([memberOf('late', until + 1)]);
    expect(result).toMatchObject(complete);
    expect(ids).toEqual([]);
    expect(saved.point.version).toBeUndefined();
  });
});

describe('records that are not as they should be', () => {
  test('without a key become dead letters, and the rest arrives', async () => {
    const keyless = { key: undefined, version: 1003, value: { email: 'x' } };
    const all = [...members(15), keyless, ...members(30).slice(15)];
    const { result, ids, letters } = await sync(all);
    expect(result).toMatchObject({ kind: 'complete', totals: { read: 31, published: 30, deadLetters: 1 } });
    expect(ids).toHaveLength(30);
    expect(letters).toMatchObject([{ reason: 'the record has no key', payload: { email: 'x' } }]);
  });

  test('all without a key complete a run too', async () => {
    const all = Array.from({ length: 25 }, (_, i) => ({ key: undefined, version: 1000, value: { i } }));
    const { result, letters } = await sync(all);
    expect(result).toMatchObject({ kind: 'complete', totals: { published: 0, deadLetters: 25 } });
    expect(letters).toHaveLength(25);
  });
});

describe('a source whose totals are not to be trusted', () => {
  test('a probe of 0 does not end a run', async () => {
    const { result, sorted } = await sync(members(45), { bendProbe: () => 0 });
    expect(result).toMatchObject(complete);
    expect(sorted).toEqual(keysOf(members(45)));
  });

  test('a probe far too high costs a few empty pages', async () => {
    const { result, sorted, source } = await sync(members(45), { bendProbe: () => 5000 });
    expect(result).toMatchObject(complete);
    expect(sorted).toEqual(keysOf(members(45)));
    expect(source.asked.length).toBeLessThanOrEqual(5 + 2 * 3);
  });

  test.each([
    [1, 1],
    [4, 2],
  ])('%i pages in a row that report 0 cost at most another pass (%i in all)', async (pages, expected) => {
    const { result, sorted, passes } = await sync(members(95), {
      bend: (page, _, nth) => (nth >= 3 && nth < 3 + pages ? { ...page, total: 0 } : page),
    });
    expect(result).toMatchObject(complete);
    expect(sorted).toEqual(keysOf(members(95)));
    expect(passes).toBe(expected);
  });

  test('a total at the end that is stale at first is asked for again before anything is read again', async () => {
    const { result, source, passes } = await sync(members(45), {
      bendTotal: (total, nth) => (nth === 0 ? total + 5 : total),
    });
    expect(result).toMatchObject(complete);
    expect(passes).toBe(1);
    expect(source.totals()).toBe(2);
  });

  test('a total that stays too high ends the run with an error after three passes, and nothing is published twice', async () => {
    const { result, sorted, passes } = await sync(members(45), { bendTotal: (total) => total + 1 });
    expect(result).toMatchObject({
      code: 'run.incomplete',
      recovery: 'retry',
      message: 'the source reports 46 records, but only 45 could be read, 3 times over',
    });
    expect(passes).toBe(3);
    expect(sorted).toEqual(keysOf(members(45)));
  });
});

/** Hides a member from the first pages that should show it. */
const hiding =
  (times: number): NonNullable<FixedListOptions['bend']> =>
  (page) => {
    const shown = page.records.filter(({ key }) => key !== 'm37' || (times -= 1) < 0);
    return { ...page, records: shown };
  };

describe('a source whose pages are not to be trusted', () => {
  test.each([1, 2])('a member that was hidden %i times is found by reading again', async (times) => {
    const { result, sorted, passes, saved } = await sync(members(95), { bend: hiding(times) });
    expect(result).toMatchObject(complete);
    expect(sorted).toEqual(keysOf(members(95)));
    expect(passes).toBe(times + 1);
    expect(saved.point.version).toBe(1094);
  });

  test('a member that stays hidden ends the run with an error: the cursor must not move', async () => {
    const { result } = await sync(members(95), { bend: hiding(9) });
    expect(result).toMatchObject({ code: 'run.incomplete' });
  });

  test('a page in the middle that is too short ends the run with an error', async () => {
    const { result } = await sync(members(95), {
      bend: (page, { offset }) => (offset === 40 ? { ...page, records: page.records.slice(0, 5) } : page),
    });
    expect(result).toMatchObject({ code: 'run.incomplete' });
  });

  test('members of one second in another order at every request all arrive, each once', async () => {
    // As a database sorts ties: any order, another one each time.
    const all = members(60, () => 1000);
    const { result, ids, passes } = await sync(
      all,
      {
        bend(page, { offset, limit }, nth) {
          const turned = [...all.slice((nth * 2) % 60), ...all.slice(0, (nth * 2) % 60)];
          return { ...page, records: turned.slice(offset, offset + limit) };
        },
      },
      { workers: 1 },
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(passes).toBeGreaterThan(1);
    // Either all came, or the run says that it does not know.
    if (ids.length < 60) expect(result).toMatchObject({ code: 'run.incomplete' });
    else expect(result).toMatchObject(complete);
  });

  test('goes back to the beginning for a second pass before anything else is saved', async () => {
    const saves: (number | undefined)[] = [];
    const saved = newRun();
    const keep = savingInto(saved);
    const session = {
      source: createFixedList(members(95), { bend: hiding(1) }),
      sink: createMemorySink(),
      saved,
      workers: 3,
      items: 10,
      parts: {
        save: (...checkpoint: Parameters<typeof keep>) => {
          saves.push(checkpoint[0].version);
          keep(...checkpoint);
        },
      },
    };
    await runSession(session);
    const back = saves.indexOf(undefined);
    expect(back).toBeGreaterThan(0);
    // Inside a pass the checkpoint only rises.
    for (const pass of [saves.slice(0, back), saves.slice(back + 1)]) {
      expect(pass).toEqual(pass.toSorted((a = 0, b = 0) => a - b));
    }
    expect(saves.at(-1)).toBe(1094);
  });
});

describe('start_offset', () => {
  test('leaves out that many members at the beginning', async () => {
    const { result, sorted, source } = await sync(members(45), {}, { startOffset: 12 });
    expect(result).toMatchObject(complete);
    expect(sorted).toEqual(keysOf(members(45).slice(12)));
    expect(source.asked[0]).toMatchObject({ offset: 12, limit: 10 });
  });

  test.each([44, 45, 1000])(
    '%i of 45 is an error from the end on, and then nothing moves',
    async (startOffset) => {
      const { result, ids, saved, source } = await sync(members(45), {}, { startOffset });
      if (startOffset < 45) {
        expect(ids).toEqual(['m44']);
        return;
      }
      expect(result).toMatchObject({
        code: 'run.beyond_end',
        recovery: 'config',
        message: `start_offset ${startOffset} lies beyond the 45 records there are`,
      });
      expect(saved.point).toEqual({ version: undefined, nextPage: 0 });
      expect([ids, source.asked]).toEqual([[], []]);
    },
  );

  test('is an error too when only the first page shows how few there are', async () => {
    const { result, ids, saved } = await sync(members(45), { bendProbe: () => 500 }, { startOffset: 100 });
    expect(result).toMatchObject({ code: 'run.beyond_end' });
    expect(ids).toEqual([]);
    expect(saved.point).toEqual({ version: undefined, nextPage: 0 });
  });

  test('of an empty list is an error', async () => {
    expect((await sync([], {}, { startOffset: 1 })).result).toMatchObject({ code: 'run.beyond_end' });
  });

  test('of 0 is none', async () => {
    expect((await sync([], {}, { startOffset: 0 })).result).toMatchObject(complete);
  });
});
