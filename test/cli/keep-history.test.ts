import { expect, test } from 'vitest';
import { keepHistory } from '../../src/cli/keep-history.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { EventBody } from '../../src/model/events.ts';
import { aRun } from '../support/stored-run.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';

const day = 86_400_000;

/** A clock on which every sleep is over at once, for so many days; then `stop` is called. */
function daysClock(days: number, stop: () => void): Clock {
  let now = 100 * day;
  return {
    now: () => now,
    elapsed: () => now,
    sleep(ms) {
      now += ms;
      if (now >= (100 + days) * day) stop();
      return Promise.resolve();
    },
  };
}

function storeWithRuns() {
  const { runs } = openIn(storeFolder());
  for (const [id, ended] of [
    ['old', 5],
    ['middle', 12],
    ['new', 14],
  ] as const) {
    runs.begin(aRun({ id, started: ended * day }));
    runs.complete(id, { totals: aRun().totals, cursorTo: null, tail: new Map() });
    runs.done(id, ended * day + 1000);
  }
  return runs;
}

/** On day 100 the run of day 5 is too old, on day 103 that of day 12; the newest complete one always stays. */
async function checkForgotten(keep: typeof keepHistory): Promise<void> {
  const runs = storeWithRuns();
  const ended = new AbortController();
  const left: string[][] = [];
  const watched = {
    prune(before: number) {
      runs.prune(before);
      left.push(runs.recent(10).map(({ id }) => id));
    },
  };
  await keep(watched, { clock: daysClock(4, () => ended.abort()), emit: () => {} }, ended.signal);
  expect(left).toEqual([['new', 'middle'], ['new', 'middle'], ['new', 'middle'], ['new']]);
}

test('a run is forgotten 90 days after its end, also while the controller is up', async () => {
  await checkForgotten(keepHistory);
});

const once: typeof keepHistory = async (runs, { clock }) => {
  runs.prune(clock.now() - 90 * day);
  await Promise.resolve();
};

test('would be kept by a controller that looks at its start only (twin)', async () => {
  await expect(checkForgotten(once)).rejects.toThrow();
});

test('a store that refuses is told, and tried again the next day', async () => {
  const ended = new AbortController();
  const events: EventBody[] = [];
  let calls = 0;
  const refusing = {
    prune() {
      calls += 1;
      throw new Error('database or disk is full');
    },
  };
  const parts = {
    clock: daysClock(2, () => ended.abort()),
    emit: (event: EventBody) => void events.push(event),
  };
  await keepHistory(refusing, parts, ended.signal);
  expect(calls).toBe(2);
  expect(events).toMatchObject([
    { type: 'notice', level: 'warn', message: expect.stringContaining('disk is full') },
    { type: 'notice' },
  ]);
});
