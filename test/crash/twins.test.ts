import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlannedKill, rangedKills } from '../../src/cli/selftest/points.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { expectKept, runTrial, type TrialOptions } from './trial.ts';
import { twins } from './twins.ts';

interface Case {
  readonly twin: string;
  /** A point of the twin's own is one that the whole program never comes to. */
  readonly kills: readonly PlannedKill[];
  /** What the check says of the twin. */
  readonly found: RegExp;
  readonly more?: () => Partial<TrialOptions>;
}

let redis: TestRedis | undefined;
beforeAll(async () => {
  if (hasRedis()) redis = await startRedis();
});
afterAll(async () => await redis?.stop());

const cases: readonly Case[] = [
  {
    twin: 'a page counts as confirmed before the queue has it',
    kills: [{ point: 'store.run.checkpoint.after', passing: 2 }],
    found: /records were lost/,
  },
  {
    twin: 'the checkpoint follows the highest page instead of the prefix',
    kills: [{ point: 'page.overtook' }],
    found: /records were lost/,
  },
  {
    twin: 'the database says "done" before the state file is written',
    kills: [{ point: 'state.create.before' }],
    found: /records were replayed/,
  },
  {
    twin: 'the state file is written in place',
    kills: [{ point: 'state.half' }],
    found: /state\.json was not whole/,
  },
  {
    twin: 'chunk ids are drawn instead of made from their content',
    kills: [{ point: 'controller.stopped', losesReplies: true }],
    found: /records were replayed/,
  },
  {
    twin: 'the queue says yes to a page in three and does not keep it',
    kills: [{ point: 'page.confirmed', passing: 3 }],
    found: /records were lost/,
  },
  {
    twin: 'nobody looks for the marker',
    kills: [{ point: 'page.confirmed', passing: 6 }],
    found: /records were lost/,
    // It keeps nothing when it is killed. What it held cannot be read again from a source that forgets.
    more: () => ({
      forgets: false,
      async between() {
        await redis?.kill();
        await redis?.start();
      },
    }),
  },
];

test('every twin has its case', () => {
  expect(cases.map(({ twin }) => twin)).toEqual(Object.keys(twins));
});

describe.for(cases)('where $twin', ({ twin, kills, found, more }) => {
  test('the crash test finds it', async (context) => {
    context.skip(!hasRedis(), 'no redis-server on PATH');
    const trial = await runTrial({ queue: redis?.url ?? '', kills, twin, ...more?.() });
    expect(trial.kills).toBe(1);
    expect(trial.wrong.join('\n')).toMatch(found);
  });

  // The matrix kills the whole program at every point it has.
  const common = kills.filter(({ point }) => rangedKills.some((planned) => planned.point === point));
  if (common.length === 0) return;
  test('it finds nothing in the whole program', async (context) => {
    context.skip(!hasRedis(), 'no redis-server on PATH');
    expectKept(await runTrial({ queue: redis?.url ?? '', kills: common, ...more?.() }), common);
  });
});
