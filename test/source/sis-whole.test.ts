import { afterEach, describe, expect, test } from 'vitest';
import { SluiceError } from '../../src/model/errors.ts';
import { createHttpClient } from '../../src/net/client.ts';
import { createQuotas } from '../../src/net/quota.ts';
import type { WholeSource } from '../../src/source/contract.ts';
import type { SisConnection } from '../../src/source/sis-ask.ts';
import { graphqlAuth, publicAuth } from '../../src/source/sis-auth.ts';
import {
  createCodebookSource,
  createGradeScalesSource,
  createPeriodsSource,
} from '../../src/source/sis-whole.ts';
import { createRecordingClock } from '../net/recording-clock.ts';
import { type Reply, type SeenRequest, hang, json, startScriptedServer } from '../net/scripted-server.ts';

const toClose: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

const signal = new AbortController().signal;

async function open(
  reply: Reply,
  create: (connection: SisConnection) => WholeSource,
  auth = publicAuth,
): Promise<{ readonly source: WholeSource; readonly requests: readonly SeenRequest[] }> {
  const server = await startScriptedServer(reply);
  const clock = createRecordingClock();
  const client = createHttpClient({ clock, random: () => 0, emit: () => undefined });
  toClose.push(
    () => server.close(),
    () => client.close(),
  );
  const base = { base: new URL(server.url.origin), baseSetting: 'SIS_PUBLIC_URL', auth };
  return {
    source: create({ ...base, client, quotas: createQuotas({ clock }) }),
    requests: server.requests,
  };
}

const codebook = (connection: SisConnection): WholeSource => createCodebookSource(connection, 'study-level');
const periods = (connection: SisConnection): WholeSource => createPeriodsSource(connection, 'a b&c');

async function failure(work: Promise<unknown>): Promise<SluiceError> {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof SluiceError)) throw new Error('a SluiceError was expected', { cause: error });
  return error;
}

describe('a codebook', () => {
  test('becomes its values, each with its urn for an id and ACTIVE', async () => {
    const body = {
      'urn:code:study-level:1': { urn: 'urn:code:study-level:1', name: { fi: 'Perus' }, parentUrn: null },
      'urn:code:study-level:2': { urn: 'urn:code:study-level:2', id: 'other', documentState: 'DRAFT' },
    };
    const { source, requests } = await open(json(body), codebook);
    expect(await source.read(signal)).toEqual({
      records: [
        {
          key: 'urn:code:study-level:1',
          version: 0,
          value: {
            urn: 'urn:code:study-level:1',
            name: { fi: 'Perus' },
            parentUrn: null,
            id: 'urn:code:study-level:1',
            documentState: 'ACTIVE',
          },
        },
        {
          key: 'urn:code:study-level:2',
          version: 0,
          value: { urn: 'urn:code:study-level:2', id: 'urn:code:study-level:2', documentState: 'ACTIVE' },
        },
      ],
      bytes: JSON.stringify(body).length,
    });
    expect(requests[0]).toMatchObject({
      method: 'GET',
      url: '/kori/api/cached/codebooks/urn:code:study-level',
    });
  });

  test('a value without a urn has no key', async () => {
    const { source } = await open(json({ x: { name: 'y' }, z: 'text' }), codebook);
    expect((await source.read(signal)).records).toEqual([
      { key: undefined, version: 0, value: { name: 'y' } },
      { key: undefined, version: 0, value: 'text' },
    ]);
  });

  test.each([[[]], [null], ['x']])('%j is none', async (body) => {
    const { source } = await open(json(body), codebook);
    expect(await failure(source.read(signal))).toMatchObject({
      code: 'source.invalid',
      message: expect.stringContaining('SISU answered something else than a codebook: the answer: '),
    });
  });
});

describe('curriculum periods', () => {
  test('are a list of entities of one university', async () => {
    const value = { id: 'period-1', documentState: 'ACTIVE', activePeriod: {} };
    const { source, requests } = await open(json([value, {}]), periods);
    expect((await source.read(signal)).records).toEqual([
      { key: 'period-1', version: 0, value },
      { key: undefined, version: 0, value: {} },
    ]);
    expect(requests[0]?.url).toBe('/kori/api/curriculum-periods?universityOrgId=a+b%26c');
  });

  test('another answer is refused', async () => {
    const { source } = await open(json({ content: [] }), periods);
    expect(await failure(source.read(signal))).toMatchObject({ code: 'source.invalid' });
  });

  test('an abort ends it', async () => {
    const { source } = await open(hang, periods);
    await expect(source.read(AbortSignal.timeout(50))).rejects.toMatchObject({ name: 'AbortError' });
  });
});

const scale = { id: 'sis-0-5', name: { fi: '0-5' }, grades: [{ localId: '0', passed: false }] };
const ask = (body: unknown, status = 200) =>
  open(json(body, status), createGradeScalesSource, graphqlAuth({ token: 'tok-1' }));

describe('grade scales', () => {
  test('are asked of GraphQL with all that consumers use', async () => {
    const { source, requests } = await ask({ data: { grade_scales: [scale] } });
    expect((await source.read(signal)).records).toEqual([{ key: 'sis-0-5', version: 0, value: scale }]);
    expect(requests[0]).toMatchObject({ method: 'POST', url: '/graphql', headers: { token: 'tok-1' } });
    expect(JSON.parse(requests[0]?.body() ?? '')).toEqual({
      query:
        '{ grade_scales { id name { en fi sv } abbreviation { en fi sv } grades { localId name { en fi sv } passed abbreviation { en fi sv } numericCorrespondence } } }',
      variables: {},
    });
  });

  test.each([
    [{ errors: [{ message: 'no\u001b[2J such field' }], data: null }, ': no [2J such field'],
    [{ errors: [{ message: 'half' }, {}], data: { grade_scales: [scale] } }, ': half'],
    [{ errors: ['odd'] }, ''],
  ])('a failure that GraphQL reports under status 200 is one (%j)', async (body, words) => {
    const { source } = await ask(body);
    expect(await failure(source.read(signal))).toMatchObject({
      name: 'SourceError',
      code: 'source.graphql',
      recovery: 'retry',
      message: `SISU could not answer the question for grade scales${words}`,
      hint: expect.stringContaining('nothing was published'),
    });
  });

  test('an empty list of errors is none', async () => {
    const { source } = await ask({ errors: [], data: { grade_scales: [] } });
    expect((await source.read(signal)).records).toEqual([]);
  });

  test.each([{ data: null }, { data: {} }, {}, []])('%j is no answer', async (body) => {
    const { source } = await ask(body);
    expect(await failure(source.read(signal))).toMatchObject({ code: 'source.invalid' });
  });

  test('a refusal is one', async () => {
    const { source } = await ask({}, 401);
    expect(await failure(source.read(signal))).toMatchObject({ hint: 'check PROXY_TOKEN' });
  });
});
