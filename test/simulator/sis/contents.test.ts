import { describe, expect, test } from 'vitest';
import { SettingError } from '../../../src/model/errors.ts';
import { codebooks } from '../../../src/simulator/sis/codebooks.ts';
import { oneTimeServices } from '../../../src/simulator/sis/services.ts';
import type { SisSimulator } from '../../../src/simulator/sis/sis.ts';
import type { Json } from '../ask.ts';
import { openSis } from './open-sis.ts';

const getPublic = async (simulator: SisSimulator, path: string): Promise<{ status: number; json: Json }> => {
  const response = await fetch(`${simulator.publicUrl}${path}`);
  return { status: response.status, json: await response.json() };
};

const ask = async (simulator: SisSimulator, body: string): Promise<{ status: number; json: Json }> => {
  const response = await fetch(`${simulator.url}/graphql`, { method: 'POST', body });
  return { status: response.status, json: await response.json() };
};

const question = JSON.stringify({
  query: `query GradeScales { grade_scales { id name { en fi sv } abbreviation { en fi sv }
    grades { localId name { en fi sv } passed abbreviation { en fi sv } numericCorrespondence } } }`,
  variables: {},
});

describe('codebooks', () => {
  test.each(codebooks)('$name is an object by urn', async ({ service, name }) => {
    const simulator = await openSis();
    const { status, json } = await getPublic(simulator, `/kori/api/cached/codebooks/urn:code:${name}`);
    expect(status).toBe(200);
    expect(Object.keys(json).length).toBeGreaterThan(1);
    for (const [urn, entry] of Object.entries<Json>(json)) {
      expect(entry.urn).toBe(urn);
      expect(entry.name.fi).toEqual(expect.any(String));
      expect(entry).not.toHaveProperty('documentState');
    }
    const arriving = Object.values<Json>(json).map((entry) =>
      Object.assign(entry, { id: entry.urn, documentState: 'ACTIVE' }),
    );
    expect(Array.from(simulator.newest(service), ({ value }) => value)).toEqual(arriving);
  });

  test('are found by an escaped urn, and only by one that exists', async () => {
    const simulator = await openSis();
    expect((await getPublic(simulator, '/kori/api/cached/codebooks/urn%3Acode%3Acountry')).status).toBe(200);
    expect((await getPublic(simulator, '/kori/api/cached/codebooks/urn:code:planet')).status).toBe(404);
    expect((await getPublic(simulator, '/ori/api/persons/v1/export?limit=1')).status).toBe(404);
  });

  test('change when told to: one entry renamed, one added', async () => {
    const simulator = await openSis();
    const path = '/kori/api/cached/codebooks/urn:code:study-level';
    const before = (await getPublic(simulator, path)).json;
    expect((await getPublic(simulator, path)).json).toEqual(before);
    simulator.revise('STUDY_LEVEL');
    const after = (await getPublic(simulator, path)).json;
    expect(Object.keys(after)).toHaveLength(Object.keys(before).length + 1);
    const renamed = Object.keys(before).filter((urn) => before[urn].name.fi !== after[urn].name.fi);
    expect(renamed).toHaveLength(1);
  });
});

describe('curriculum periods', () => {
  test('are a plain array, for the university that is asked about', async () => {
    const simulator = await openSis();
    const path = '/kori/api/curriculum-periods?universityOrgId=hy-university-root-id';
    const { json } = await getPublic(simulator, path);
    expect(json.length).toBeGreaterThan(2);
    expect(json[0]).toMatchObject({ id: expect.any(String), documentState: 'ACTIVE' });
    expect(Array.from(simulator.newest('CURRICULUM_PERIOD'), ({ value }) => value)).toEqual(json);
    simulator.revise('CURRICULUM_PERIOD');
    expect((await getPublic(simulator, path)).json).toHaveLength(json.length + 1);
    const other = '/kori/api/curriculum-periods?universityOrgId=other';
    expect((await getPublic(simulator, other)).json).toEqual([]);
    expect((await getPublic(simulator, '/kori/api/curriculum-periods')).status).toBe(400);
  });
});

describe('GraphQL', () => {
  test('gives the grade scales under data', async () => {
    const simulator = await openSis();
    const { status, json } = await ask(simulator, question);
    expect(status).toBe(200);
    expect(json).toMatchObject({ data: { grade_scales: expect.any(Array) } });
    expect(json).not.toHaveProperty('errors');
    const [scale] = json.data.grade_scales;
    expect(scale).toMatchObject({ id: 'sis-0-5', name: { fi: '0–5' }, grades: expect.any(Array) });
    expect(scale.grades[5]).toMatchObject({ localId: '5', passed: true, numericCorrespondence: 5 });
    expect(scale).not.toHaveProperty('documentState');
    expect(Array.from(simulator.newest('GRAPHQL_GRADE_SCALES'), ({ value }) => value)).toEqual(
      json.data.grade_scales,
    );
    simulator.revise('GRAPHQL_GRADE_SCALES');
    expect((await ask(simulator, question)).json.data.grade_scales[0].name.fi).toBe('0–5 (1)');
  });

  test('answers with errors and status 200 when something is wrong, or when told to', async () => {
    const simulator = await openSis();
    const misspelt = await ask(simulator, JSON.stringify({ query: '{ grade_scale { id } }' }));
    expect(misspelt.status).toBe(200);
    expect(misspelt.json.errors[0].message).toBe('Cannot query field "grade_scale".');
    simulator.failGraphql(true);
    const failed = await ask(simulator, question);
    expect(failed).toMatchObject({ status: 200, json: { data: null, errors: [{}] } });
    simulator.failGraphql(false);
    expect((await ask(simulator, question)).json).not.toHaveProperty('errors');
  });

  test('takes a POST of JSON only', async () => {
    const simulator = await openSis();
    expect((await ask(simulator, 'query')).status).toBe(400);
    expect((await ask(simulator, '{}')).status).toBe(400);
    expect((await fetch(`${simulator.url}/graphql`)).status).toBe(405);
  });
});

test('every service without ordinals has contents, and the others have none to revise', async () => {
  const simulator = await openSis();
  for (const service of oneTimeServices) {
    const before = [...simulator.newest(service)];
    simulator.revise(service);
    expect([...simulator.newest(service)].length).toBe(before.length + 1);
    expect(new Set(before.map(({ key }) => key.join(' '))).size).toBe(before.length);
  }
  expect(() => simulator.revise('PERSON')).toThrow(SettingError);
});
