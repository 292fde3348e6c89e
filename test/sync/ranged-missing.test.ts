import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../src/model/events.ts';
import { delivered } from '../support/delivered.ts';
import { createFixedList, type FixedList, members } from '../support/fixed-list.ts';
import { runKilled } from '../support/killed-session.ts';
import { createMemorySink } from '../support/memory-sink.ts';
import { newRun, runSession } from '../support/ranged-session.ts';

/** A source that leaves a member out of its first answers, as one does that sorts members of one second anyhow. */
function hidingSource(times: number): FixedList {
  let left = times;
  return createFixedList(members(200), {
    bend: (page) => ({
      ...page,
      records: page.records.filter(({ key }) => key !== 'm37' || (left -= 1) < 0),
    }),
  });
}

/** Killed after `steps`, then finished. What it holds at the end, and how often it went back. */
async function killedOnce(steps: number) {
  const sink = createMemorySink();
  const saved = newRun();
  const events: EventBody[] = [];
  const session = { source: hidingSource(1), sink, saved, events, workers: 2, items: 10 };
  const first = await runKilled(session, steps);
  const last = first ?? (await runKilled(session, Number.POSITIVE_INFINITY));
  expect(last).toMatchObject({ kind: 'complete' });
  const names = new Set(delivered(sink).map((name) => name.split(' ')[0]));
  return { names, saved, again: events.filter(({ type }) => type === 'run.again').length };
}

describe('a member that the source hides at first', () => {
  test('arrives, whenever the run is killed: before it was hidden, after, and during the second pass', async () => {
    for (let steps = 0; steps < 125; steps += 2) {
      const { names, saved, again } = await killedOnce(steps);
      expect(names.size).toBe(200);
      expect(again).toBeLessThanOrEqual(2);
      expect(saved.point.version).toBe(1199);
    }
  });

  test('arrives when the run is asked to drain and goes on later', async () => {
    const sink = createMemorySink();
    const saved = newRun();
    const drain = new AbortController();
    const session = { source: hidingSource(1), sink, saved, workers: 2, items: 10 };
    sink.before = (chunks) => {
      if (chunks.some(({ id }) => id.startsWith('rtest-8-'))) drain.abort();
    };
    expect(await runSession({ ...session, parts: { drain: drain.signal } })).toMatchObject({
      kind: 'drained',
    });
    expect(delivered(sink)).not.toContain('m37 1037');
    expect(await runSession(session)).toMatchObject({ kind: 'complete' });
    expect(delivered(sink)).toContain('m37 1037');
  });

  test('is lost when more counts as read than the checkpoint holds (twin)', async () => {
    const sink = createMemorySink();
    const saved = newRun();
    const session = { source: hidingSource(1), sink, saved, workers: 2, items: 10 };
    expect(await runKilled(session, 40)).toBeUndefined();
    expect(saved.point.version).toBeGreaterThan(1037);
    saved.totals = { ...saved.totals, read: saved.totals.read + 10 };
    expect(await runSession(session)).toMatchObject({ kind: 'complete' });
    expect(delivered(sink)).not.toContain('m37 1037');
  });
});
