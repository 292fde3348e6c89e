import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memberStatuses, statusOf } from '../../src/simulator/member-status.ts';
import {
  createPopulation,
  type MembersWindow,
  type Population,
  type PopulationOptions,
} from '../../src/simulator/population.ts';

const start = Date.UTC(2026, 10, 21, 12);
const still = { changesPerSecond: 0, departuresPerSecond: 0, joinsPerSecond: 0 };

/** The same list in the plainest possible way. */
function createPlainList(population: Population, members: number) {
  let rows = Array.from({ length: members }, (_, member) => ({
    member,
    second: population.lastChanged(member),
    version: 0,
  })).toSorted((a, b) => a.second - b.second || a.member - b.member);
  return {
    rows: () => rows,
    put(member: number, second: number) {
      const version = (rows.find((row) => row.member === member)?.version ?? -1) + 1;
      rows = [...rows.filter((row) => row.member !== member), { member, second, version }];
    },
    remove(member: number) {
      rows = rows.filter((row) => row.member !== member);
    },
    page(window: MembersWindow, offset: number, count: number) {
      const sorted = window.sort === 'joined' ? rows.toSorted((a, b) => a.member - b.member) : rows;
      const inside = sorted.filter(
        ({ member, second, version }) =>
          second >= window.from &&
          second <= window.to &&
          (window.status === undefined || statusOf(member, version) === window.status),
      );
      if (window.descending) inside.reverse();
      return {
        members: inside.slice(offset, offset + count).map((row) => row.member),
        total: inside.length,
      };
    },
  };
}

const second = (from: number, to: number): fc.Arbitrary<number> =>
  fc.integer({ min: from, max: to }).map((offset) => Math.floor(start / 1000) + offset);

const windows = fc.record({
  from: fc.oneof(fc.constant(0), second(-100_000_000, 60), second(-20, 60)),
  to: fc.oneof(fc.constant(2 ** 32 - 1), second(-100_000_000, 60), second(-20, 60)),
  status: fc.option(fc.constantFrom(...memberStatuses), { nil: undefined }),
  sort: fc.constantFrom('last_changed' as const, 'joined' as const),
  descending: fc.boolean(),
});

const steps = fc.oneof(
  fc.record({ type: fc.constant('change' as const), who: fc.nat() }),
  fc.record({ type: fc.constant('depart' as const), who: fc.nat() }),
  fc.record({ type: fc.constant('join' as const) }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.nat(5_000) }),
  fc.record({ type: fc.constant('look' as const), window: windows, offset: fc.nat(80), count: fc.nat(80) }),
);

function agreesWithPlainList(create: (options: PopulationOptions) => Population): void {
  fc.assert(
    fc.property(fc.nat(60), fc.integer(), fc.array(steps, { maxLength: 60 }), (members, seed, script) => {
      let now = start;
      const population = create({ ...still, members, seed, now: () => now });
      const plain = createPlainList(population, members);
      for (const step of script) {
        const someone = 'who' in step ? plain.rows()[step.who % plain.rows().length]?.member : undefined;
        if (step.type === 'wait') now += step.ms;
        if (step.type === 'join') plain.put(population.join(), Math.floor(now / 1000));
        if (step.type === 'change' && someone !== undefined) {
          population.change(someone);
          plain.put(someone, Math.floor(now / 1000));
        }
        if (step.type === 'depart' && someone !== undefined) {
          population.depart(someone);
          plain.remove(someone);
        }
        if (step.type === 'look') {
          const { window, offset, count } = step;
          expect(population.page(window, offset, count)).toEqual(plain.page(window, offset, count));
        }
      }
      for (const row of plain.rows()) {
        expect(population.lastChanged(row.member)).toBe(row.second);
        expect(population.version(row.member)).toBe(row.version);
      }
    }),
    { numRuns: 300 },
  );
}

const everyone: MembersWindow = {
  from: 0,
  to: 2 ** 32 - 1,
  status: undefined,
  sort: 'last_changed',
  descending: false,
};

/** Who is on the list, when they last changed and how often. */
function snapshot(population: Population): unknown {
  population.catchUp();
  const { members } = population.page(everyone, 0, 1_000_000);
  return members.map((member) => [member, population.lastChanged(member), population.version(member)]);
}

describe('windows, order and offsets', () => {
  test('agree with a plain array, whatever happens to the list', () => {
    agreesWithPlainList(createPopulation);
  });

  test('twin: a list that keeps changed members in their places is caught', () => {
    expect(() =>
      agreesWithPlainList((options) => ({ ...createPopulation(options), change: () => {} })),
    ).toThrow();
  });

  test('hold when every member has changed many times over', () => {
    let now = start;
    const population = createPopulation({ ...still, members: 50, seed: 1, now: () => now });
    const plain = createPlainList(population, 50);
    for (let round = 0; round < 5_000; round++) {
      now += 100;
      population.change((round * 7) % 50);
      plain.put((round * 7) % 50, Math.floor(now / 1000));
    }
    expect(population.page(everyone, 0, 50)).toEqual(plain.page(everyone, 0, 50));
    expect(population.page(everyone, 20, 5)).toEqual(plain.page(everyone, 20, 5));
  });
});

describe('a list that lives', () => {
  const rates = { changesPerSecond: 200, departuresPerSecond: 7, joinsPerSecond: 3 };
  const grow = (seed: number, looksEveryMs: number): unknown => {
    let now = start;
    const population = createPopulation({ ...rates, members: 2_000, seed, now: () => now });
    while (now < start + 10_000) {
      now += looksEveryMs;
      population.catchUp();
    }
    return snapshot(population);
  };

  test('is the same for the same seed and clock, however often it is looked at', () => {
    expect(grow(5, 10_000)).toEqual(grow(5, 40));
  });

  test('is another one for another seed', () => {
    expect(grow(5, 10_000)).not.toEqual(grow(6, 10_000));
  });

  test('changes, loses and gains members at its rates', () => {
    let now = start;
    const population = createPopulation({ ...rates, members: 2_000, seed: 1, now: () => now });
    now += 10_000;
    population.catchUp();
    expect(population.departed()).toHaveLength(70);
    expect(population.everJoined()).toBe(2_030);
    const { members, total } = population.page(everyone, 0, 10_000);
    expect(total).toBe(1_960);
    const leavers = population.departed().map((member) => population.version(member));
    const changes = [...members.map((member) => population.version(member)), ...leavers].reduce(
      (sum, version) => sum + version,
      0,
    );
    expect(changes).toBe(2_000);
    // The end of the order is what has just changed.
    const last = members.at(-1) ?? -1;
    expect(population.lastChanged(last)).toBe(Math.floor(now / 1000));
  });

  test('survives losing everyone', () => {
    let now = start;
    const population = createPopulation({
      ...still,
      departuresPerSecond: 100,
      members: 20,
      seed: 1,
      now: () => now,
    });
    now += 10_000;
    expect(snapshot(population)).toEqual([]);
    expect(population.page(everyone, 5, 5)).toEqual({ members: [], total: 0 });
  });

  test('never changes into the past when its clock is put back', () => {
    let now = start;
    const population = createPopulation({ ...rates, members: 100, seed: 1, now: () => now });
    now += 2_000;
    population.change(population.page(everyone, 0, 1).members[0] ?? -1);
    now -= 60_000;
    const member = population.page(everyone, 0, 1).members[0] ?? -1;
    population.change(member);
    expect(population.lastChanged(member)).toBe(Math.floor(start / 1000) + 2);
  });
});

describe('a new list', () => {
  const population = createPopulation({ ...still, members: 20_000, seed: 3, now: () => start });
  const seconds = Array.from({ length: 20_000 }, (_, member) => population.lastChanged(member));

  test('has changed over two years, part of it in the last hour, none of it in the last ten seconds', () => {
    const age = seconds.map((one) => Math.floor(start / 1000) - one);
    expect(Math.max(...age)).toBeLessThanOrEqual(2 * 365 * 86_400);
    expect(Math.max(...age)).toBeGreaterThan(600 * 86_400);
    expect(Math.min(...age)).toBeGreaterThanOrEqual(10);
    expect(age.filter((one) => one <= 3_600).length).toBeGreaterThan(500);
  });

  test('has seconds that more members share than a page can hold', () => {
    const sizes = new Map<number, number>();
    for (const one of seconds) sizes.set(one, (sizes.get(one) ?? 0) + 1);
    expect(Math.max(...sizes.values())).toBeGreaterThan(1_000);
  });

  test('has someone in the last hour however small it is', () => {
    const small = createPopulation({ ...still, members: 1, seed: 3, now: () => start });
    expect(small.lastChanged(0)).toBeGreaterThan(start / 1000 - 3_600);
  });
});
