import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlannedKill } from '../../src/cli/selftest/points.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { expectKept, runTrial, type TrialOptions } from './trial.ts';
import { twins } from './twins.ts';

interface Case {
  readonly twin: string;
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
    // The first delivery takes longer than those behind it.
    kills: [{ point: 'chunk.add.after' }],
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
  // The whole program never comes to a point of the twin's own.
  const own = kills.filter(({ point }) => point !== 'state.half');

  test('the crash test finds it', async (context) => {
    context.skip(!hasRedis(), 'no redis-server on PATH');
    const trial = await runTrial({ queue: redis?.url ?? '', kills, twin, ...more?.() });
    expect(trial.wrong.join('\n')).toMatch(found);
  });

  test.skipIf(own.length === 0)('the whole program passes', async (context) => {
    context.skip(!hasRedis(), 'no redis-server on PATH');
    expectKept(await runTrial({ queue: redis?.url ?? '', kills: own, ...more?.() }), own);
  });
});
