import { describe, expect, test } from 'vitest';
import { type Facts, judge } from '../../src/cli/selftest/verdict.ts';
import { faultsIn } from '../../src/cli/selftest/summary.ts';

const facts = (different: Partial<Facts>): Facts => ({
  jobs: [],
  given: new Map(),
  due: new Set(),
  totals: new Map(),
  underWay: 2,
  ...different,
});
const job = (id: string, ...names: string[]) => ({ id, names });

describe('judge', () => {
  test('finds what had to arrive and did not', () => {
    const { lost } = judge(facts({ jobs: [job('r1-0', 'a 1')], due: new Set(['a 1', 'a 2', 'b 1']) }));
    expect(lost).toEqual(['a 2', 'b 1']);
  });

  test('counts what came again in the same version, by the start that gave it', () => {
    const jobs = [job('r1-2', 'a 1', 'b 1', 'c 1'), job('r1-0', 'a 1'), job('r1-1', 'a 1', 'b 1')];
    const given = new Map([
      ['r1-0', 1],
      ['r1-1', 2],
      ['r1-2', 3],
    ]);
    expect(judge(facts({ jobs, given }))).toMatchObject({ replayed: 3, mostReplayed: 2 });
  });

  test('another version of a record is no replay', () => {
    expect(judge(facts({ jobs: [job('r1-0', 'a 1'), job('r2-0', 'a 2')] })).replayed).toBe(0);
  });

  test('a total has to be exact for a run of one start, and may miss what was under way at each kill', () => {
    const jobs = [job('r1-0', 'a 1', 'b 1'), job('r2-0', 'a 2', 'b 2'), job('r2-1', 'c 2')];
    const given = new Map([
      ['r1-0', 1],
      ['r2-0', 2],
      ['r2-1', 3],
    ]);
    const miscounted = (...totals: [string, number][]) =>
      judge(facts({ jobs, given, totals: new Map(totals) })).miscounted;
    expect(miscounted(['r1', 2], ['r2', 3])).toEqual([]);
    expect(miscounted(['r1', 3], ['r2', 5])).toEqual(['run r1 says 3, the queue holds 2 of it']);
    expect(miscounted(['r2', 6])).toEqual(['run r2 says 6, the queue holds 3 of it']);
  });
});

test('replays are judged by their sum: about a page a worker for each kill', () => {
  const fine = {
    lost: [],
    mostReplayed: 5,
    miscounted: [],
    starts: 4,
    killedAt: [],
    unreached: [],
    passed: [],
  };
  const result = { ...fine, kills: 2, replayed: 6, faults: [], looks: 1 };
  expect(faultsIn(result, 3)).toEqual([]);
  expect(faultsIn({ ...result, replayed: 7 }, 3)).toEqual(['7 records were replayed, at most 6 may be']);
});
