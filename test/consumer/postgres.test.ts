import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { allKinds } from '../../src/consumer/kinds.ts';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { failure, type OpenedTarget, openTarget, signal, version } from './world.ts';

const missing = hasPostgres() ? undefined : noPostgres;
let postgres: TestPostgres;
let url: string;
let target: OpenedTarget;

beforeAll(async () => {
  if (missing !== undefined) return;
  postgres = await startPostgres();
  url = await postgres.database('kinds');
  target = await openTarget(url);
});
afterAll(async () => {
  await target?.close();
  await postgres?.stop();
});
beforeEach(async (context) => {
  if (missing !== undefined) context.skip(missing);
  const tables = [...allKinds.map(({ table }) => table), 'sluice_tombstones'];
  await postgres.sql(tables.map((table) => `DELETE FROM ${table};`).join(''), 'kinds');
});

const store = (channel: string, ...entities: readonly unknown[]) =>
  target.store({ channel, entities }, signal);

async function rows(
  table: string,
  columns = 'id, modification_ordinal::int AS ordinal, document_state AS state',
) {
  const query = `SELECT ${columns} FROM ${table} t ORDER BY t::text`;
  return (await postgres.sql(query, 'kinds')).rows;
}

async function times(table: string) {
  return await rows(table, 'created_at::text, updated_at::text');
}

describe('a kind with one row a key', () => {
  const channel = 'ORI_PERSON_CHANNEL';

  test('keeps the whole entity, with key, ordinal, state and times beside it', async () => {
    const entity = {
      ...version('p-1', 248_000_001),
      names: { fi: 'Äö 😀', 'a"b\\c': [1.5, null, true, ''] },
    };
    await store(channel, entity);
    const [row] = (await postgres.sql('SELECT * FROM persons', 'kinds')).rows;
    expect(row).toEqual({
      id: 'p-1',
      modification_ordinal: '248000001',
      document_state: 'ACTIVE',
      data: entity,
      created_at: expect.any(Date),
      updated_at: row?.['created_at'],
    });
  });

  test('takes a newer version, and neither an older nor an equal one; updated_at changes with the row only', async () => {
    await store(channel, version('p-1', 5));
    const [before] = await times('persons');
    await store(channel, version('p-1', 4));
    await store(channel, { ...version('p-1', 5), text: 'something else' });
    expect(await rows('persons', "id, data->>'text' AS text")).toEqual([{ id: 'p-1', text: 'p-1 at 5' }]);
    expect(await times('persons')).toEqual([before]);
    await store(channel, version('p-1', 6));
    expect(await rows('persons', "id, data->>'text' AS text")).toEqual([{ id: 'p-1', text: 'p-1 at 6' }]);
    const [after] = await times('persons');
    expect(after?.['created_at']).toBe(before?.['created_at']);
    expect(after?.['updated_at']).not.toBe(before?.['updated_at']);
  });

  test.each(['DELETED', 'DRAFT', null])(
    'removes the row for %s, and a late older version does not bring it back',
    async (state) => {
      await store(channel, version('p-1', 5), version('p-2', 6));
      await store(channel, version('p-1', 8, state));
      expect(await rows('persons')).toEqual([{ id: 'p-2', ordinal: 6, state: 'ACTIVE' }]);
      expect(
        await rows('sluice_tombstones', 'table_name, key, modification_ordinal::int AS ordinal'),
      ).toEqual([{ table_name: 'persons', key: 'p-1', ordinal: 8 }]);
      await store(channel, version('p-1', 7), version('p-1', 8));
      expect(await rows('persons')).toEqual([{ id: 'p-2', ordinal: 6, state: 'ACTIVE' }]);
    },
  );

  test('a removal that came first keeps its key away, and a later version returns', async () => {
    await store(channel, version('p-1', 8, 'DELETED'));
    await store(channel, version('p-1', 7));
    expect(await rows('persons')).toEqual([]);
    await store(channel, version('p-1', 9));
    expect(await rows('persons')).toEqual([{ id: 'p-1', ordinal: 9, state: 'ACTIVE' }]);
    expect(await rows('sluice_tombstones', 'key')).toEqual([]);
  });

  test('an older removal is ignored, and a newer one raises the tombstone', async () => {
    await store(channel, version('p-1', 8));
    await store(channel, version('p-1', 7, 'DELETED'));
    expect(await rows('persons')).toHaveLength(1);
    await store(channel, version('p-1', 9, 'DELETED'));
    await store(channel, version('p-1', 12, 'DELETED'));
    await store(channel, version('p-1', 11));
    expect(await rows('persons')).toEqual([]);
    expect(await rows('sluice_tombstones', 'key, modification_ordinal::int AS ordinal')).toEqual([
      { key: 'p-1', ordinal: 12 },
    ]);
  });

  test('of several versions in one chunk the greatest counts', async () => {
    await store(
      channel,
      version('p-1', 5),
      version('p-1', 7),
      version('p-1', 6),
      version('p-2', 3, 'DELETED'),
      version('p-2', 2),
    );
    expect(await rows('persons')).toEqual([{ id: 'p-1', ordinal: 7, state: 'ACTIVE' }]);
  });

  test('the same id lives in each table by itself', async () => {
    await store(channel, version('x', 5));
    await store('KORI_LOCATION_CHANNEL', version('x', 9, 'DELETED'));
    expect(await rows('persons')).toHaveLength(1);
    expect(await rows('locations')).toHaveLength(0);
  });

  test('an empty chunk is done', async () => {
    await store(channel);
    expect(await rows('persons')).toEqual([]);
  });
});

test('an education in DRAFT is active; DELETED removes it', async () => {
  await store('KORI_EDUCATION_CHANNEL', version('e-1', 1, 'DRAFT'), version('e-2', 2, null));
  expect(await rows('educations')).toEqual([
    { id: 'e-1', ordinal: 1, state: 'DRAFT' },
    { id: 'e-2', ordinal: 2, state: null },
  ]);
  await store('KORI_EDUCATION_CHANNEL', version('e-1', 3, 'DELETED'));
  expect(await rows('educations', 'id')).toEqual([{ id: 'e-2' }]);
});

test.each([
  ['ILMO_ENROLMENT_CHANNEL', 'enrolments'],
  ['KORI_COURSE_UNIT_REALISATION_CHANNEL', 'course_unit_realisations'],
])('%s keeps deleted entities as rows with their state', async (channel, table) => {
  await store(channel, version('a', 1), version('b', 2, 'DRAFT'));
  await store(channel, version('a', 4, 'DELETED'));
  await store(channel, version('a', 3));
  expect(await rows(table)).toEqual([
    { id: 'a', ordinal: 4, state: 'DELETED' },
    { id: 'b', ordinal: 2, state: 'DRAFT' },
  ]);
});

test.each([
  ['KORI_ORGANISATION_CHANNEL', 'organisations'],
  ['ORI_STUDY_RIGHT_CHANNEL', 'studyrights'],
  ['KORI_ASSESSMENT_ITEM_CHANNEL', 'assessment_items'],
])('%s keeps every version, deleted ones too, once', async (channel, table) => {
  await store(channel, version('a', 2), version('a', 1), version('a', 2));
  await store(channel, version('a', 3, 'DELETED'), version('a', 1), version('b', 4, 'DRAFT'));
  expect(await rows(table)).toEqual([
    { id: 'a', ordinal: 1, state: 'ACTIVE' },
    { id: 'a', ordinal: 2, state: 'ACTIVE' },
    { id: 'a', ordinal: 3, state: 'DELETED' },
    { id: 'b', ordinal: 4, state: 'DRAFT' },
  ]);
});

test('keys of several fields are kept field by field, and told apart', async () => {
  const channel = 'ORI_TERM_REGISTRATION';
  await store(channel, registration('a', 'b', 1), registration('ab', 'c', 1));
  await store(channel, registration('a', 'b', 2, 'DELETED'), registration('a', 'c', 3));
  expect(await rows('term_registrations', 'study_right_id, student_id')).toEqual([
    { study_right_id: 'a', student_id: 'c' },
    { study_right_id: 'ab', student_id: 'c' },
  ]);
  expect(await rows('sluice_tombstones', 'key')).toEqual([{ key: '["a","b"]' }]);
  const primality = { ...registration('a', 'b', 1), startDate: '2024-08-01' };
  await store('ORI_STUDY_RIGHT_PRIMALITY_CHANNEL', primality, { ...primality, startDate: '2025-08-01' });
  expect(await rows('study_right_primalities', 'start_date')).toHaveLength(2);
});

describe('a kind without ordinals', () => {
  const channel = 'URN_COUNTRY_CHANNEL';

  test('keeps what came last, and the row changes only when its content does', async () => {
    await store(channel, country('Finland'));
    const [before] = await times('countries');
    await store(channel, { text: 'Finland', urn: 'urn:fi', documentState: 'ACTIVE', id: 'urn:fi' });
    expect(await times('countries')).toEqual([before]);
    await store(channel, country('Suomi'), country('Finnland'));
    expect(await rows('countries', "id, modification_ordinal, data->>'text' AS text")).toEqual([
      { id: 'urn:fi', modification_ordinal: null, text: 'Finnland' },
    ]);
    expect(await times('countries')).not.toEqual([before]);
  });

  test('is never removed: one that is not active changes nothing', async () => {
    await store(channel, country('Finland'), country('gone', 'DELETED'));
    await store('KORI_PUBLIC_CURRICULUM_PERIOD_CHANNEL', { id: 'c', documentState: 'DRAFT' });
    expect(await rows('countries', "data->>'text' AS text, id")).toEqual([{ text: 'Finland', id: 'urn:fi' }]);
    expect(await rows('curriculum_periods', '1')).toEqual([]);
  });

  test('grade scales are kept whatever they say of their state', async () => {
    await store('GRAPHQL_GRADE_SCALES_CHANNEL', { id: 'g-1' }, { id: 'g-2', documentState: 'DELETED' });
    expect(await rows('grade_scales', 'id, document_state')).toHaveLength(2);
  });
});

test('every kind takes an entity and gives it back', async () => {
  const entity = { ...version('x', 1), studyRightId: 'r', studentId: 's', startDate: '2024-01-01' };
  for (const { channel, table } of allKinds) {
    await store(channel, entity);
    expect(await rows(table, 'data, document_state'), channel).toEqual([
      { data: entity, document_state: 'ACTIVE' },
    ]);
  }
});

describe('a bad entity fails its chunk, by its key, and nothing of the chunk is stored', () => {
  const good = version('good', 1);
  const deep: unknown = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
  const nul = String.raw`"p-1" holds \u0000, which Postgres cannot store`;
  const noOrdinal = '"p-1" has no usable metadata.modificationOrdinal';
  test.each([
    ['no key', { metadata: { modificationOrdinal: 1 } }, 'ORI_PERSON_CHANNEL "entity 2" has no usable id'],
    ['an empty key', version('', 1), '"entity 2" has no usable id'],
    ['a key that is a number', { ...good, id: 7 }, '"entity 2" has no usable id'],
    ['a text', 'text', '"entity 2" is no object'],
    ['null', null, '"entity 2" is no object'],
    ['an array', [version('p-1', 1)], '"entity 2" is no object'],
    ['no metadata', { id: 'p-1', documentState: 'ACTIVE' }, noOrdinal],
    [
      'an ordinal that is a text',
      { ...version('p-1', 1), metadata: { modificationOrdinal: '7' } },
      noOrdinal,
    ],
    ['an ordinal past the safe ones', version('p-1', 2 ** 53), noOrdinal],
    ['a negative ordinal', version('p-1', -1), noOrdinal],
    ['a state nobody knows', version('p-1', 1, 'GARBAGE'), '"p-1" has an unknown documentState'],
    ['the mark of a trial', { ...version('p-1', 1), testError: true }, '"p-1" has a testError'],
    ['the mark of a trial, empty', { ...version('p-1', 1), testError: null }, '"p-1" has a testError'],
    ['NUL in a text', { ...version('p-1', 1), names: ['a\0b'] }, nul],
    ['NUL in a name', { ...version('p-1', 1), 'a\0b': 1 }, nul],
    [
      'half a surrogate pair',
      { ...version('p-1', 1), name: 'half \ud83d' },
      String.raw`"p-1" holds \ud83d, which Postgres cannot store`,
    ],
    ['NUL in its key', version('p\0', 1), String.raw`"p\x00" holds \u0000, which Postgres cannot store`],
    [
      'a very long key',
      version('k'.repeat(1001), 1),
      `"${'k'.repeat(200)}..." has a key of more than 1000 bytes`,
    ],
    [
      'what only Postgres refuses',
      { ...version('p-1', 1), deep },
      '"one of 2 entities" is refused by Postgres: stack depth limit exceeded',
    ],
  ])('%s', async (_, entity, message) => {
    expect(await failure(store('ORI_PERSON_CHANNEL', good, entity))).toContain(message);
    expect(await rows('persons')).toEqual([]);
  });

  test('alone, what only Postgres refuses is named too', async () => {
    expect(await failure(store('ORI_PERSON_CHANNEL', { ...version('p-1', 1), deep }))).toMatch(
      /^ORI_PERSON_CHANNEL "p-1" is refused by Postgres: stack depth limit exceeded/,
    );
    await store('ORI_PERSON_CHANNEL', good);
    expect(await rows('persons')).toHaveLength(1);
  });

  test('what looks like a bad sign in JSON and is none is stored as it is', async () => {
    const entity = {
      ...version('p-1', 1),
      names: [String.raw`\u0000`, String.raw`\\ud800`, '\\', '😀', '\u0001'],
    };
    await store('ORI_PERSON_CHANNEL', entity);
    expect(await rows('persons', 'data, id')).toEqual([{ data: entity, id: 'p-1' }]);
  });

  test('a rule that the owner of the table added refuses by the key as well', async () => {
    await postgres.sql("ALTER TABLE plans ADD CHECK (data->>'text' <> 'p-1 at 1')", 'kinds');
    expect(await failure(store('OSUVA_PLAN_CHANNEL', version('p-1', 1)))).toMatch(
      /"p-1" is refused by Postgres: .*plans_data_check/,
    );
  });

  test('an unknown channel fails the chunk by its name', async () => {
    expect(await failure(store('CUSTOM_GRADE_SCALE_CHANNEL', good))).toBe(
      'CUSTOM_GRADE_SCALE_CHANNEL is no channel that has a table',
    );
  });
});

test('the longest keys and hostile names are only text', async () => {
  const ids = [`'; DROP TABLE persons; --`, 'ä'.repeat(500), '"', '{a,b}', 'null', '\\', '\n'];
  await store('ORI_PERSON_CHANNEL', ...ids.map((id) => version(id, 1)));
  await store('ORI_PERSON_CHANNEL', ...ids.map((id) => version(id, 2, 'DELETED')));
  await store('ORI_PERSON_CHANNEL', ...ids.map((id) => version(id, 1)));
  expect(await rows('persons')).toEqual([]);
  expect(await rows('sluice_tombstones', 'key')).toHaveLength(ids.length);
});

function registration(studyRightId: string, studentId: string, ordinal: number, documentState = 'ACTIVE') {
  return { studyRightId, studentId, documentState, metadata: { modificationOrdinal: ordinal } };
}

function country(text: string, documentState = 'ACTIVE') {
  return { id: 'urn:fi', urn: 'urn:fi', documentState, text };
}
