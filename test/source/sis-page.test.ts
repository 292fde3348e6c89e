import { describe, expect, test } from 'vitest';
import { createKeyReader } from '../../src/source/sis-key.ts';
import { readSisPage } from '../../src/source/sis-page.ts';

const asked = { after: 100, limit: 3, readKey: createKeyReader(['id']) };
const entity = (id: string, modificationOrdinal: unknown, more = {}): unknown => ({
  id,
  documentState: 'ACTIVE',
  metadata: { modificationOrdinal, lastModifiedOn: '2024-02-03T04:05:06.789Z' },
  ...more,
});
const page = (entities: unknown, greatestOrdinal: unknown = 200, hasMore: unknown = true): unknown => ({
  entities,
  hasMore,
  greatestOrdinal,
});

describe('records', () => {
  test('are the entities untouched, with key, ordinal and time', () => {
    const value = entity('a', 150, { name: { fi: 'Ä', sv: null }, 'odd field': [1.5] });
    expect(readSisPage(page([value]), asked)).toEqual({
      records: [{ key: 'a', version: 150, modified: Date.parse('2024-02-03T04:05:06Z'), value }],
      next: 200,
      hasMore: true,
    });
  });

  test('keep the order in which they came, several versions of an id too', () => {
    const read = readSisPage(page([entity('a', 150), entity('b', 151), entity('a', 152)]), asked);
    expect(read.records.map(({ key, version }) => [key, version])).toEqual([
      ['a', 150],
      ['b', 151],
      ['a', 152],
    ]);
  });

  test.each([
    ['an entity without a key', entity('', 150)],
    ['without metadata', { id: 'a' }],
    ['with null for metadata', { id: 'a', metadata: null }],
    ['without an ordinal', entity('a', undefined)],
    ['with text for an ordinal', entity('a', '150')],
    ['that is null', null],
    ['that is text', 'a'],
    ['that is a list', [entity('a', 150)]],
  ])('%s becomes a record without a key, at the ordinal of its page', (_name, value) => {
    const { records } = readSisPage(page([value, entity('b', 151)]), asked);
    expect(records[0]).toMatchObject({ key: undefined, version: 200, value });
    expect(records[1]).toMatchObject({ key: 'b', version: 151 });
  });

  test.each([
    ['2022-10-13T10:52:26.619676', '2022-10-13T10:52:26Z'],
    ['2022-10-13T10:52:26+03:00', '2022-10-13T07:52:26Z'],
    ['yesterday', undefined],
    [17, undefined],
    [undefined, undefined],
  ])('changed at %s are read as %s', (lastModifiedOn, time) => {
    const value = { id: 'a', metadata: { modificationOrdinal: 150, lastModifiedOn } };
    const [record] = readSisPage(page([value]), asked).records;
    expect(record).toMatchObject({ key: 'a', modified: time && Date.parse(time) });
  });
});

describe('the end and the way on', () => {
  test('missing entities are none', () => {
    expect(readSisPage({ hasMore: true, greatestOrdinal: 120 }, asked)).toEqual({
      records: [],
      next: 120,
      hasMore: true,
    });
    expect(readSisPage(page(null, 120, false), asked)).toMatchObject({ records: [], next: 120 });
  });

  test.each([undefined, null, 0])('nothing new and %s for an ordinal is the same place', (ordinal) => {
    expect(readSisPage({ entities: [], hasMore: false, greatestOrdinal: ordinal }, asked)).toEqual({
      records: [],
      next: 100,
      hasMore: false,
    });
  });

  test('an ordinal that goes back or stays is told as it is: the run judges it (S10)', () => {
    for (const ordinal of [100, 40]) {
      expect(readSisPage(page([], ordinal), asked).next).toBe(ordinal);
      expect(readSisPage(page([], ordinal, false), asked).next).toBe(ordinal);
    }
  });
});

describe('an ordinal that is no safe integer stops the service', () => {
  test.each(['9007199254740992', '9007199254740993', '1e300', '1e999', '150.5'])('%s', (ordinal) => {
    const greatest = JSON.parse(`{ "entities": [], "hasMore": true, "greatestOrdinal": ${ordinal} }`);
    const own = JSON.parse(
      `{ "entities": [{ "id": "a", "metadata": { "modificationOrdinal": ${ordinal} } }], "hasMore": true, "greatestOrdinal": 200 }`,
    );
    for (const json of [greatest, own]) {
      expect(failure(() => readSisPage(json, asked))).toMatchObject({
        name: 'SourceError',
        code: 'source.unsafe_ordinal',
        recovery: 'stop',
        message: expect.stringContaining('rdinal is '),
      });
    }
  });

  test('the greatest that is one is read', () => {
    expect(readSisPage(page([], Number.MAX_SAFE_INTEGER), asked).next).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('an answer that is no page says what was expected', () => {
  test.each<[string, unknown, string]>([
    ['a list', [], 'the answer: Invalid input: expected object, received array'],
    ['null', null, 'the answer: Invalid input: expected object, received null'],
    ['no hasMore', { entities: [], greatestOrdinal: 1 }, 'hasMore: Invalid input: expected boolean'],
    ['entities that are no list', page({}), 'entities: Invalid input: expected array'],
    ['text for an ordinal', page([], '200'), 'greatestOrdinal: expected a number'],
    ['entities and no ordinal', { entities: [entity('a', 1)], hasMore: false }, 'greatestOrdinal is missing'],
    ['more to come and no ordinal', { entities: [], hasMore: true }, 'greatestOrdinal is missing'],
    ['an ordinal below 0', page([], -1), 'greatestOrdinal is -1'],
    ['too many', page([1, 2, 3, 4].map((at) => entity('a', at))), '4 entities came where at most 3'],
  ])('%s', (_name, json, message) => {
    expect(failure(() => readSisPage(json, asked))).toMatchObject({
      code: 'source.invalid',
      recovery: 'retry',
      message: expect.stringContaining(`SISU answered something else than a page of an export: ${message}`),
      hint: expect.stringMatching(/./),
    });
  });
});

function failure(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
