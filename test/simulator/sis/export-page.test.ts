import { describe, expect, test } from 'vitest';
import { get, ordinalsOf, pathOf, readPage, readPages } from './ask-sis.ts';
import { openSis } from './open-sis.ts';

const whole = { shortPages: 0, emptyPages: 0 };

describe('a page', () => {
  test('holds the changes behind `since`, which is exclusive, in the order of their ordinals', async () => {
    const simulator = await openSis({ entities: { PERSON: 100 }, ...whole });
    const all = ordinalsOf([await readPage(simulator, 'PERSON', 0)]);
    expect(all).toHaveLength(100);
    expect(all).toEqual(all.toSorted((a, b) => a - b));
    const [first = 0, second = 0, third = 0] = all;
    expect(ordinalsOf([await readPage(simulator, 'PERSON', first, 2)])).toEqual([second, third]);
    expect(ordinalsOf([await readPage(simulator, 'PERSON', first - 1, 2)])).toEqual([first, second]);
  });

  test('says whether there is more, and which ordinal is its greatest', async () => {
    const simulator = await openSis({ entities: { PERSON: 10 }, ...whole });
    const ordinals = ordinalsOf([await readPage(simulator, 'PERSON', 0)]);
    expect(await readPage(simulator, 'PERSON', 0, 9)).toMatchObject({
      hasMore: true,
      greatestOrdinal: ordinals[8],
    });
    expect(await readPage(simulator, 'PERSON', 0, 10)).toMatchObject({
      hasMore: false,
      greatestOrdinal: ordinals[9],
    });
  });

  test('is empty behind the last change, and where nothing is; the ordinal stays', async () => {
    const simulator = await openSis({ entities: { PERSON: 10 } });
    for (const [service, since] of [
      ['PERSON', 999_999_999_999],
      ['PLAN', 0],
    ] as const) {
      expect(await readPage(simulator, service, since)).toEqual({
        entities: [],
        hasMore: false,
        greatestOrdinal: since,
      });
    }
  });

  test('comes with the clock of the source', async () => {
    const simulator = await openSis();
    simulator.advance(3000);
    const { headers } = await get(simulator, pathOf('PERSON', 'limit=1'));
    expect(headers.get('date')).toBe('Sat, 21 Nov 2026 12:00:03 GMT');
  });

  test.each([
    ['', 400, "Required parameter 'limit' is not present."],
    ['since=5', 400, "Required parameter 'limit' is not present."],
    ['limit=', 400, "Parameter 'limit' is not a whole number."],
    ['limit=ten', 400, "Parameter 'limit' is not a whole number."],
    ['limit=-1', 400, "Parameter 'limit' is not a whole number."],
    ['limit=0', 422, 'limit must be from 1 to 10000.'],
    ['limit=10001', 422, 'limit must be from 1 to 10000.'],
    ['limit=1&since=1.5', 400, "Parameter 'since' is not an ordinal."],
    ['limit=1&since=', 400, "Parameter 'since' is not an ordinal."],
    ['limit=1&sinceOrdinal=5', 400, 'Unknown parameter sinceOrdinal; known are since and limit.'],
    ['limit=1&sinceTime=2026-01-01T00:00:00Z', 501, 'The simulator does not know sinceTime.'],
  ])('is not there for "%s"', async (query, status, detail) => {
    const simulator = await openSis();
    const answer = await get(simulator, pathOf('PERSON', query));
    expect([answer.status, answer.json.detail]).toEqual([status, detail]);
  });

  test('takes a limit of 1 and of 10000', async () => {
    const simulator = await openSis({ entities: { PERSON: 10_001 }, ...whole });
    for (const limit of [1, 10_000]) {
      expect((await readPage(simulator, 'PERSON', 0, limit)).entities).toHaveLength(limit);
    }
  });

  test('can ask for the ordinal by another name', async () => {
    const simulator = await openSis({ sinceNames: { PERSON: 'sinceOrdinal' }, ...whole });
    const { json } = await get(simulator, pathOf('PERSON', 'limit=1'));
    const { greatestOrdinal } = json;
    const other = await get(simulator, pathOf('PERSON', `limit=1&sinceOrdinal=${greatestOrdinal}`));
    expect(other.json.greatestOrdinal).toBeGreaterThan(greatestOrdinal);
    expect((await get(simulator, pathOf('PERSON', `limit=1&since=${greatestOrdinal}`))).status).toBe(400);
    expect((await get(simulator, pathOf('PLAN', 'limit=1&since=0'))).status).toBe(200);
  });

  test('is got with GET, at a path that exists', async () => {
    const simulator = await openSis();
    const response = await fetch(`${simulator.url}${pathOf('PERSON', 'limit=1')}`, { method: 'POST' });
    expect(response.status).toBe(405);
    expect((await get(simulator, '/ori/api/persons/v2/export?limit=1')).status).toBe(404);
    expect((await get(simulator, '/kori/api/curriculum-periods?universityOrgId=x')).status).toBe(404);
  });
});

describe('internal limits', () => {
  test('make some pages short and some empty; with hasMore nothing is missed', async () => {
    const simulator = await openSis({ entities: { ATTAINMENT: 5000 }, shortPages: 3, emptyPages: 5 });
    const pages = await readPages(simulator, 'ATTAINMENT', 0, 100);
    const sizes = pages.slice(0, -1).map(({ entities }) => entities.length);
    expect(sizes.filter((size) => size > 0 && size < 100).length).toBeGreaterThan(4);
    expect(sizes.filter((size) => size === 0).length).toBeGreaterThan(4);
    const newest = Array.from(simulator.newest('ATTAINMENT'), ({ ordinal }) => ordinal);
    expect(ordinalsOf(pages)).toEqual(newest);
  });

  test('never make two empty pages in a row, and every page moves on', async () => {
    const simulator = await openSis({ entities: { ATTAINMENT: 500 }, emptyPages: 1 });
    const pages = await readPages(simulator, 'ATTAINMENT', 0, 50);
    const empty = pages.map(({ entities }) => entities.length === 0);
    expect(empty.some((one, at) => one && empty[at + 1] === true)).toBe(false);
    expect(empty.filter(Boolean).length).toBeGreaterThan(3);
  });

  test('twin: a reader that takes a short page for the last one misses most', async () => {
    const simulator = await openSis({ entities: { ATTAINMENT: 5000 }, shortPages: 3, emptyPages: 5 });
    let read = 0;
    for (let since = 0; ;) {
      const page = await readPage(simulator, 'ATTAINMENT', since, 100);
      read += page.entities.length;
      if (page.entities.length < 100) break;
      since = page.greatestOrdinal;
    }
    expect(read).toBeLessThan(4000);
  });

  test('cut the same page the same way each time', async () => {
    const simulator = await openSis({ entities: { ATTAINMENT: 5000 }, shortPages: 2, emptyPages: 4 });
    for (const since of [0, 248_003_000, 248_012_345]) {
      expect(await readPage(simulator, 'ATTAINMENT', since)).toEqual(
        await readPage(simulator, 'ATTAINMENT', since),
      );
    }
  });
});
