import { describe, expect, test } from 'vitest';
import type { SisSimulator } from '../../../src/simulator/sis/sis.ts';
import { ordinalsOf, readPages } from './ask-sis.ts';
import { openSis } from './open-sis.ts';

const lateMs = 4000;

/** Reads ATTAINMENT for 30 s of a life with late commits, then once more when all has come to rest. */
async function readWhileItLives(
  overlapMs: number,
  overlapFrom: 'the end of the run before' | 'its own start' = 'the end of the run before',
): Promise<{ read: Set<string>; newest: string[] }> {
  const simulator = await openSis({ entities: { ATTAINMENT: 300 }, changesPerSecond: 40, lateMs });
  const read = new Set<string>();
  // The ordinals that were reached, and when. What the run before could not see yet is younger than its end less the
  // delay, so the right start is the ordinal that stood then (S10).
  const reached = [{ at: simulator.now(), ordinal: 0 }];
  const run = async (): Promise<void> => {
    const from = (overlapFrom === 'its own start' ? simulator.now() : (reached.at(-1)?.at ?? 0)) - overlapMs;
    const since = reached.findLast(({ at }) => at <= from)?.ordinal ?? 0;
    for (const { entities, greatestOrdinal } of await readPages(simulator, 'ATTAINMENT', since, 50)) {
      for (const entity of entities)
        read.add(`${String(entity['id'])} ${entity.metadata.modificationOrdinal}`);
      reached.push({ at: simulator.now(), ordinal: greatestOrdinal });
    }
  };
  for (let second = 0; second < 30; second++) {
    await run();
    simulator.advance(1000);
  }
  simulator.setChangesPerSecond(0);
  simulator.advance(lateMs);
  await run();
  return { read, newest: Array.from(simulator.newest('ATTAINMENT'), keyAndOrdinal) };
}

const keyAndOrdinal = ({ key, ordinal }: { key: readonly string[]; ordinal: number }): string =>
  `${key[0]} ${ordinal}`;

const missed = ({ read, newest }: { read: Set<string>; newest: string[] }): number =>
  newest.filter((one) => !read.has(one)).length;

describe('a late commit', () => {
  test('has its ordinal at once and appears later, behind what a reader has already passed', async () => {
    const simulator = await openSis({ entities: { PERSON: 10 } });
    const late = simulator.change('PERSON', { lateMs: 2000 });
    const prompt = simulator.change('PERSON');
    expect(late.ordinal).toBeLessThan(prompt.ordinal);
    const before = ordinalsOf(await readPages(simulator, 'PERSON'));
    expect(before).toHaveLength(11);
    expect(before.at(-1)).toBe(prompt.ordinal);
    simulator.advance(1999);
    expect(ordinalsOf(await readPages(simulator, 'PERSON'))).toEqual(before);
    simulator.advance(1);
    expect(ordinalsOf(await readPages(simulator, 'PERSON')).slice(-2)).toEqual([
      late.ordinal,
      prompt.ordinal,
    ]);
    expect(ordinalsOf(await readPages(simulator, 'PERSON', before.at(-1)))).toEqual([]);
  });

  test('leaves the version before in place until it appears', async () => {
    const simulator = await openSis({ entities: { PERSON: 1 } });
    const [first] = simulator.newest('PERSON');
    const late = simulator.change('PERSON', { key: first?.key ?? [], documentState: 'DELETED', lateMs: 500 });
    expect(ordinalsOf(await readPages(simulator, 'PERSON'))).toEqual([first?.ordinal]);
    simulator.advance(500);
    expect(ordinalsOf(await readPages(simulator, 'PERSON'))).toEqual([late.ordinal]);
  });

  test('holds the next version of its entity back, as a locked row does', async () => {
    const simulator = await openSis({ entities: { ORGANISATION: 1 } });
    const [first] = simulator.newest('ORGANISATION');
    const key = first?.key ?? [];
    const late = simulator.change('ORGANISATION', { key, lateMs: 500 });
    const next = simulator.change('ORGANISATION', { key });
    expect(ordinalsOf(await readPages(simulator, 'ORGANISATION'))).toEqual([first?.ordinal]);
    simulator.advance(500);
    const all = [first?.ordinal, late.ordinal, next.ordinal];
    expect(ordinalsOf(await readPages(simulator, 'ORGANISATION'))).toEqual(all);
  });

  test('appears within the delay: a reader that overlaps by it misses nothing', async () => {
    expect(missed(await readWhileItLives(lateMs))).toBe(0);
  });

  test('twin: a reader that counts the overlap from its own start misses some', async () => {
    expect(missed(await readWhileItLives(lateMs, 'its own start'))).toBeGreaterThan(0);
  });

  test('twin: a reader that does not overlap misses some for ever', async () => {
    expect(missed(await readWhileItLives(0))).toBeGreaterThan(5);
  });

  test('does not happen when it was not asked for: then nobody needs to overlap', async () => {
    const simulator: SisSimulator = await openSis({ entities: { ATTAINMENT: 300 }, changesPerSecond: 40 });
    const read = new Set<string>();
    let since = 0;
    for (let second = 0; second < 20; second++) {
      for (const { entities, greatestOrdinal } of await readPages(simulator, 'ATTAINMENT', since)) {
        for (const entity of entities)
          read.add(`${String(entity['id'])} ${entity.metadata.modificationOrdinal}`);
        since = greatestOrdinal;
      }
      if (second < 19) simulator.advance(1000);
    }
    expect(missed({ read, newest: Array.from(simulator.newest('ATTAINMENT'), keyAndOrdinal) })).toBe(0);
  });
});
