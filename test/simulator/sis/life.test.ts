import { describe, expect, test } from 'vitest';
import { SettingError } from '../../../src/model/errors.ts';
import { exportPage } from '../../../src/simulator/sis/export-page.ts';
import { exportServices } from '../../../src/simulator/sis/services.ts';
import { startSis } from '../../../src/simulator/sis/sis.ts';
import { createUniversity } from '../../../src/simulator/sis/university.ts';
import { readPage, readPages } from './ask-sis.ts';
import { heapMegabytes } from './heap.ts';
import { openSis, start } from './open-sis.ts';

/** What is there after 10 s, looked at every `stepMs`. */
async function grow(seed: number, stepMs: number): Promise<string> {
  const simulator = await openSis({ entities: 400, seed, changesPerSecond: 100, lateMs: 700, poison: 9 });
  for (let ms = 0; ms < 10_000; ms += stepMs) {
    simulator.advance(stepMs);
    if (stepMs < 1000) await readPage(simulator, 'PERSON', 0, 1);
  }
  return JSON.stringify(exportServices.map((service) => [...simulator.newest(service)]));
}

describe('a university that lives', () => {
  test('is the same for the same seed and clock, however often it is looked at', async () => {
    expect(await grow(5, 10_000)).toBe(await grow(5, 100));
  });

  test('is another one for another seed', async () => {
    expect(await grow(5, 10_000)).not.toBe(await grow(6, 10_000));
  });

  test('gains new versions, deletions, drafts and new entities in every service, and keys return soon', async () => {
    const simulator = await openSis({ entities: 2000, changesPerSecond: 100 });
    const greatest = new Map(
      exportServices.map((service) => [service, [...simulator.newest(service)].at(-1)?.ordinal ?? 0]),
    );
    const before = [...simulator.newest('ATTAINMENT')].length;
    simulator.advance(60_000);
    const states = new Map<string, number>();
    let changed = 0;
    for (const [service, ordinal] of greatest) {
      const later = [...simulator.newest(service)].filter((record) => record.ordinal > ordinal);
      expect(later.length).toBeGreaterThan(0);
      changed += later.length;
      for (const { documentState } of later) states.set(documentState, (states.get(documentState) ?? 0) + 1);
    }
    expect([...simulator.newest('ATTAINMENT')].length).toBeGreaterThan(before);
    for (const state of ['ACTIVE', 'DRAFT', 'DELETED']) expect(states.get(state)).toBeGreaterThan(50);
    // 6,000 changes; fewer newest versions, as many were changed again.
    expect(changed).toBeGreaterThan(1000);
    expect(changed).toBeLessThan(5000);
  });

  test('rests when told to, and goes on from there', async () => {
    const simulator = await openSis({ entities: { PERSON: 100 }, changesPerSecond: 10 });
    const greatest = (): number =>
      Math.max(...Array.from(simulator.newest('PERSON'), ({ ordinal }) => ordinal));
    const first = greatest();
    simulator.advance(5000);
    const second = greatest();
    expect(second).toBeGreaterThan(first);
    simulator.setChangesPerSecond(0);
    simulator.advance(50_000);
    expect(greatest()).toBe(second);
    simulator.setChangesPerSecond(10);
    simulator.advance(5000);
    expect(greatest()).toBeGreaterThan(second);
  });

  test('stays in order when its clock is put back', async () => {
    let now = Date.UTC(2026, 10, 21);
    const simulator = await openSis({ entities: { PERSON: 10 }, now: () => now, changesPerSecond: 5 });
    now += 60_000;
    const later = simulator.change('PERSON');
    now -= 3_600_000;
    expect(simulator.change('PERSON').ordinal).toBeGreaterThan(later.ordinal);
    expect((await readPages(simulator, 'PERSON')).at(-1)?.hasMore).toBe(false);
  });

  test('can be empty, and may get its first entity', async () => {
    const simulator = await openSis({ entities: 0, changesPerSecond: 100 });
    simulator.advance(10_000);
    for (const service of exportServices) expect([...simulator.newest(service)]).toEqual([]);
    const { ordinal } = simulator.change('MODULE');
    expect((await readPage(simulator, 'MODULE', 0)).greatestOrdinal).toBe(ordinal);
  });
});

describe('size', () => {
  test('costs no memory: ten million entities, read far in, while they change', () => {
    let now = start;
    const before = heapMegabytes();
    const university = createUniversity({ entities: 10_000_000, changesPerSecond: 50 }, () => now);
    for (let page = 0; page < 40; page++) {
      const query = new URLSearchParams(`limit=500&since=${248_000_000 + 7 * 40_000 * page}`);
      const answer = exportPage(university.exported('ATTAINMENT'), query, university.now());
      expect(answer.status).toBe(200);
      now += 250;
    }
    // A list of ten million would take 40 MB and more; these are 500 changes.
    expect(heapMegabytes() - before).toBeLessThan(4);
  });

  test('costs a reader no time: a page far in comes like the first', async () => {
    const simulator = await openSis({ entities: 10_000_000, shortPages: 0, emptyPages: 0 });
    const { entities } = await readPage(simulator, 'ATTAINMENT', 248_000_000 + 7 * 1_500_000, 100);
    expect(entities).toHaveLength(100);
    expect(entities[0]?.metadata.modificationOrdinal).toBeGreaterThan(258_500_000);
  });

  test('of ten is fine too', async () => {
    const simulator = await openSis({ entities: 10, emptyPages: 1, shortPages: 1 });
    let entities = 0;
    for (const service of exportServices) {
      for (const page of await readPages(simulator, service, 0, 3)) entities += page.entities.length;
    }
    expect(entities).toBeGreaterThanOrEqual(10);
  });
});

test.each([
  { entities: -1 },
  { entities: 0.5 },
  { entities: 10_000_001 },
  { entities: { PERSON: -1 } },
  { port: 70_000 },
  { publicPort: 70_000 },
  { poison: -1 },
  { poison: 1.5 },
  { shortPages: -1 },
  { emptyPages: -1 },
  { latencyMs: -1 },
  { lateMs: Number.NaN },
  { changesPerSecond: -1 },
  { timeZone: 'Turku' },
])('refuses %o', async (options) => {
  await expect(startSis(options)).rejects.toThrow(SettingError);
});
