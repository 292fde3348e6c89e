import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PageMark } from '../../src/sync/claims.ts';
import { createProgress, type Progress, type ProgressOptions } from '../../src/sync/progress.ts';
import { manualClock } from '../state/manual-clock.ts';

interface Saved {
  version: number | undefined;
  nextPage: number;
  keys: Set<string>;
  count: number;
}

/** What a store would hold after the saves of a progress. */
function saving(start: ProgressOptions['start'] = { version: undefined, nextPage: 0 }) {
  const clock = manualClock();
  const saved: Saved = { ...start, keys: new Set(), count: 0 };
  const options: ProgressOptions = {
    start,
    clock,
    save({ version, nextPage }, newKeys) {
      if (version !== saved.version) saved.keys.clear();
      for (const key of newKeys) saved.keys.add(key);
      Object.assign(saved, { version, nextPage, count: saved.count + 1 });
    },
  };
  return { clock, saved, options };
}

function mark(version: number | undefined, ...keys: string[]): PageMark {
  return { version, keys, read: keys.length };
}

/** Pages of a window in ascending order: many share a version, and some have nothing inside the window. */
const pages = fc
  .array(fc.record({ step: fc.constantFrom(0, 0, 1), empty: fc.boolean() }), { minLength: 1, maxLength: 30 })
  .map((list) => {
    let version = 100;
    return list.map(({ step, empty }, page) => {
      version += step;
      return empty && page % 3 === 0 ? mark(undefined) : mark(version, `k${page}`);
    });
  });

const confirmations = pages.chain((marks) =>
  fc
    .shuffledSubarray([...marks.keys()], { minLength: marks.length, maxLength: marks.length })
    .map((order) => ({ marks, order })),
);

/** At every moment the saved checkpoint is one of the unbroken prefix, with exactly the keys at its version (S8). */
function checkCheckpoints(create: (options: ProgressOptions) => Progress): void {
  fc.assert(
    fc.property(confirmations, fc.boolean(), ({ marks, order }, slowly) => {
      const { clock, saved, options } = saving();
      const progress = create(options);
      const confirmed = new Set<number>();
      for (const page of order) {
        if (slowly) void clock.pass(60);
        progress.confirm(page, marks[page] ?? mark(undefined));
        confirmed.add(page);
        expect([...Array(saved.nextPage).keys()].every((before) => confirmed.has(before))).toBe(true);
        const prefix = marks.slice(0, saved.nextPage).filter(({ version }) => version !== undefined);
        const highest = prefix.at(-1)?.version;
        expect(saved.version).toBe(highest);
        const keys = prefix.filter(({ version }) => version === highest).flatMap((one) => one.keys);
        expect([...saved.keys].toSorted()).toEqual(keys.toSorted());
      }
      progress.flush();
      expect(saved.nextPage).toBe(marks.length);
      expect(progress.read).toBe(marks.reduce((sum, { read }) => sum + read, 0));
    }),
    { numRuns: 60 },
  );
}

const ahead = (options: ProgressOptions): Progress =>
  createProgress({
    ...options,
    save: (point, keys) => options.save({ ...point, nextPage: point.nextPage + 1 }, keys),
  });

const forgetful = (options: ProgressOptions): Progress =>
  createProgress({ ...options, save: (point, keys) => options.save(point, keys.slice(1)) });

describe('the checkpoint', () => {
  test('is always that of the unbroken prefix, with the keys at exactly its version', () => {
    checkCheckpoints(createProgress);
  });

  test('is checked so that one beyond the prefix is found (twin)', () => {
    expect(() => checkCheckpoints(ahead)).toThrow();
  });

  test('is checked so that forgotten keys are found (twin)', () => {
    expect(() => checkCheckpoints(forgetful)).toThrow();
  });

  test('of pages that are confirmed at about the same time is written once, and within 50 ms', async () => {
    const { clock, saved, options } = saving();
    const progress = createProgress(options);
    for (let page = 0; page < 5; page += 1) progress.confirm(page, mark(100 + page, `k${page}`));
    expect(saved).toMatchObject({ nextPage: 1, count: 1 });
    await clock.pass(49);
    expect(saved.count).toBe(1);
    await clock.pass(1);
    expect(saved).toMatchObject({ nextPage: 5, version: 104, count: 2 });
    await clock.pass(1000);
    expect(saved.count).toBe(2);
  });

  test('is not written after the last flush', async () => {
    const { clock, saved, options } = saving();
    const progress = createProgress(options);
    progress.confirm(0, mark(100, 'a'));
    progress.confirm(1, mark(101, 'b'));
    progress.flush();
    expect(saved).toMatchObject({ nextPage: 2, count: 2 });
    await clock.pass(1000);
    expect(saved.count).toBe(2);
  });

  test('that could not be written is tried again by the next confirmation, which tells', async () => {
    const { clock, saved, options } = saving();
    let isFull = false;
    const progress = createProgress({
      ...options,
      save(...checkpoint) {
        if (isFull) throw new Error('disk full');
        options.save(...checkpoint);
      },
    });
    progress.confirm(0, mark(100, 'a'));
    isFull = true;
    progress.confirm(1, mark(101, 'b'));
    await clock.pass(50);
    await turn();
    expect(() => progress.confirm(2, mark(101, 'c'))).toThrow('disk full');
    expect(saved.nextPage).toBe(1);
    isFull = false;
    progress.flush();
    expect(saved).toMatchObject({ version: 101, nextPage: 3, keys: new Set(['b', 'c']) });
  });

  test('of a resumed run goes on at its version and page', () => {
    const { saved, options } = saving({ version: 100, nextPage: 7 });
    saved.keys.add('a');
    const progress = createProgress(options);
    progress.confirm(7, mark(100, 'b'));
    expect(saved).toMatchObject({ version: 100, nextPage: 8, keys: new Set(['a', 'b']) });
    expect([progress.prefix, progress.read]).toEqual([1, 1]);
  });

  test('goes back to the beginning at once, while page numbers go on', () => {
    const { saved, options } = saving({ version: 100, nextPage: 7 });
    const progress = createProgress(options);
    progress.confirm(7, mark(105, 'b'));
    progress.rewind();
    expect(saved).toMatchObject({ version: undefined, nextPage: 8, keys: new Set() });
    progress.confirm(8, mark(90, 'x'));
    progress.flush();
    expect(saved).toMatchObject({ version: 90, nextPage: 9, keys: new Set(['x']) });
    expect(progress.read).toBe(1);
  });
});
