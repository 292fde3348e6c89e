import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createChangeLog,
  type ChangeLog,
  type LoggedVersion,
} from '../../../src/simulator/sis/change-log.ts';
import { createHistory } from '../../../src/simulator/sis/history.ts';
import { createOrdinals } from '../../../src/simulator/sis/ordinals.ts';
import { heapMegabytes } from './heap.ts';

const start = Date.UTC(2026, 10, 21, 12);

function createLog(size: number, keepsVersions: boolean): ChangeLog {
  const history = createHistory({ size, keepsVersions, seed: 9, start });
  return createChangeLog({ history, ordinals: createOrdinals(1000, 9), size, keepsVersions });
}

interface Seen extends LoggedVersion {
  readonly visibleAt: number;
}

/** The same log in the plainest possible way: everything is kept, and looked at each time. */
function createPlainLog(first: readonly LoggedVersion[], keepsVersions: boolean) {
  const all: Seen[] = first.map((version) => ({ ...version, visibleAt: 0 }));
  return {
    add(version: LoggedVersion, lateMs: number) {
      const locked = all.filter(({ number }) => number === version.number).map(({ visibleAt }) => visibleAt);
      all.push({ ...version, visibleAt: Math.max(version.at + lateMs, ...locked) });
    },
    after(ordinal: number, now: number) {
      const seen = all.filter(({ visibleAt }) => visibleAt <= now);
      const newest = new Map(seen.map((version) => [version.number, version.ordinal]));
      return seen
        .filter((version) => keepsVersions || newest.get(version.number) === version.ordinal)
        .map((version) => version.ordinal)
        .filter((one) => one > ordinal);
    },
  };
}

const steps = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('change' as const), who: fc.nat(), late: fc.nat(3000) }),
  },
  fc.record({ type: fc.constant('make' as const), late: fc.nat(3000) }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.nat(2000) }),
  fc.record({ type: fc.constant('look' as const), since: fc.nat(1000) }),
);

function agreesWithPlainLog(keepsVersions: boolean, create: typeof createLog): void {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(steps, { maxLength: 60 }), (size, script) => {
      let now = start;
      const log = create(size, keepsVersions);
      const plain = createPlainLog([...createLog(size, keepsVersions).after(0, now)], keepsVersions);
      for (const step of script) {
        if (step.type === 'wait') now += step.ms;
        else if (step.type === 'look') {
          const since = 1000 + step.since;
          const ordinals = Array.from(log.after(since, now), ({ ordinal }) => ordinal);
          expect(ordinals).toEqual(plain.after(since, now));
        } else {
          const number = step.type === 'make' ? undefined : step.who % log.everMade();
          const change = { number, state: 'ACTIVE' as const, at: now, lateMs: step.late };
          plain.add(log.add(change), step.late);
        }
      }
    }),
    { numRuns: 300 },
  );
}

function createHastyLog(size: number, keepsVersions: boolean): ChangeLog {
  const log = createLog(size, keepsVersions);
  return { ...log, add: (change) => log.add({ ...change, lateMs: 0 }) };
}

describe('what an export shows', () => {
  test('agrees with a plain list, where only the newest version of an entity is kept', () =>
    agreesWithPlainLog(false, createLog));

  test('agrees with a plain list, where every version is kept', () => agreesWithPlainLog(true, createLog));

  test('twin: a log whose changes can be seen at once is caught', () => {
    expect(() => agreesWithPlainLog(false, createHastyLog)).toThrow();
  });
});

test('one more version of an entity counts on from the one before', () => {
  const log = createLog(10, false);
  const [first] = log.after(0, start);
  const again = (): LoggedVersion =>
    log.add({ number: first?.number, state: 'ACTIVE', at: start, lateMs: 0 });
  expect([again().revision, again().revision]).toEqual([
    (first?.revision ?? 0) + 1,
    (first?.revision ?? 0) + 2,
  ]);
  expect(again().madeAt).toBe(first?.madeAt);
  expect(log.add({ number: undefined, state: 'ACTIVE', at: start, lateMs: 0 })).toMatchObject({
    number: 10,
    revision: 1,
    madeAt: start,
  });
});

test('a small service that changes for long needs no more memory than its entities', () => {
  const log = createLog(20, false);
  const before = heapMegabytes();
  for (let round = 0; round < 300_000; round++) {
    log.add({ number: (round * 7) % 20, state: 'ACTIVE', at: start + round, lateMs: 0 });
  }
  // All of the changes would take some 30 MB.
  expect(heapMegabytes() - before).toBeLessThan(3);
  expect([...log.after(0, start + 300_000)]).toHaveLength(20);
});
