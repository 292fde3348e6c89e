import { createHash } from 'node:crypto';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { describe, expect, test } from 'vitest';
import { SettingError } from '../../../src/model/errors.ts';
import { faultParser } from '../../../src/simulator/parse-fault.ts';
import { sisKinds } from '../../../src/simulator/sis/services.ts';
import { startSis, type SisSimulator } from '../../../src/simulator/sis/sis.ts';
import { until } from '../../support/until.ts';
import { selfSigned } from '../../net/self-signed.ts';
import { get, pathOf, readPage } from './ask-sis.ts';
import { openSis } from './open-sis.ts';

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

const graphql = async (simulator: SisSimulator, headers: Record<string, string> = {}): Promise<number> => {
  const body = JSON.stringify({ query: '{ grade_scales { id } }', variables: {} });
  const init = { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } };
  return (await fetch(`${simulator.url}/graphql`, init)).status;
};

describe('credentials', () => {
  const person = pathOf('PERSON', 'limit=1');
  const none: Record<string, string> = {};

  test.each([
    {
      auth: { kind: 'basic', user: 'u', password: 'p:w' } as const,
      right: { authorization: basic('u', 'p:w') },
    },
    { auth: { kind: 'bearer', token: 't' } as const, right: { authorization: 'Bearer t' } },
    { auth: { kind: 'api-key', key: 'k' } as const, right: { 'x-api-key': 'k' } },
  ])('of kind $auth.kind are asked for at every export', async ({ auth, right }) => {
    const simulator = await openSis({ auth });
    expect((await get(simulator, person, right)).status).toBe(200);
    const wrong = [
      none,
      { authorization: basic('u', 'wrong') },
      { authorization: 'Bearer wrong' },
      { 'x-api-key': 'wrong' },
      { token: 't' },
    ];
    for (const headers of wrong) expect((await get(simulator, person, headers)).status).toBe(401);
    expect((await get(simulator, '/ori/api/nothing', none)).status).toBe(401);
  });

  test('are not asked for where none were set, nor at the public address', async () => {
    expect((await get(await openSis(), person)).status).toBe(200);
    const simulator = await openSis({ auth: { kind: 'bearer', token: 't' } });
    const response = await fetch(`${simulator.publicUrl}/kori/api/cached/codebooks/urn:code:country`);
    expect(response.status).toBe(200);
  });

  test('of GraphQL follow its own rule', async () => {
    const bearer = await openSis({ auth: { kind: 'bearer', token: 't' } });
    expect(await graphql(bearer)).toBe(401);
    expect(await graphql(bearer, { token: 'x' })).toBe(401);
    expect(await graphql(bearer, { token: 't' })).toBe(200);
    expect(await graphql(bearer, { authorization: 'Bearer t' })).toBe(200);
    expect(await graphql(await openSis({ auth: { kind: 'basic', user: 'u', password: 'p' } }))).toBe(200);
    const key = await openSis({ auth: { kind: 'api-key', key: 'k' } });
    expect([await graphql(key), await graphql(key, { 'x-api-key': 'k' })]).toEqual([401, 200]);
  });
});

describe('certificates', () => {
  const server = selfSigned();
  const client = selfSigned();
  const stranger = selfSigned();

  const ask = (url: string, options: RequestOptions): Promise<number | string> =>
    new Promise((resolve) => {
      const asked = httpsRequest(
        url,
        { ca: server.cert, agent: false, timeout: 5000, ...options },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode ?? 0));
        },
      );
      asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      asked.end();
    });

  test('of clients are asked for at the API address, and at the public one are not', async () => {
    const simulator = await openSis({ tls: { ...server, clientCa: client.cert } });
    expect(simulator.url).toMatch(/^https:\/\/localhost:\d+$/);
    const export1 = `${simulator.url}${pathOf('PERSON', 'limit=1')}`;
    expect(await ask(export1, { key: client.key, cert: client.cert })).toBe(200);
    expect(await ask(export1, {})).not.toBe(200);
    expect(await ask(export1, { key: stranger.key, cert: stranger.cert })).not.toBe(200);
    expect(await ask(`${simulator.publicUrl}/kori/api/cached/codebooks/urn:code:country`, {})).toBe(200);
  });

  test('go together with an API key', async () => {
    const simulator = await openSis({
      tls: { ...server, clientCa: client.cert },
      auth: { kind: 'api-key', key: 'k' },
    });
    const url = `${simulator.url}${pathOf('PERSON', 'limit=1')}`;
    const certificate = { key: client.key, cert: client.cert };
    expect(await ask(url, certificate)).toBe(401);
    expect(await ask(url, { ...certificate, headers: { 'x-api-key': 'k' } })).toBe(200);
  });

  test('of the server alone make it https for everybody who trusts it', async () => {
    const simulator = await openSis({ tls: server });
    const url = `${simulator.url}${pathOf('PERSON', 'limit=1')}`;
    expect(await ask(url, {})).toBe(200);
    expect(await ask(url, { ca: stranger.cert })).not.toBe(200);
  });
});

describe('403', () => {
  test('is the answer of chosen services, and can be switched on and off', async () => {
    const simulator = await openSis({ forbidden: ['PLAN', 'COUNTRY', 'GRAPHQL_GRADE_SCALES'] });
    const plan = pathOf('PLAN', 'limit=1');
    const country = `${simulator.publicUrl}/kori/api/cached/codebooks/urn:code:country`;
    expect((await get(simulator, plan)).status).toBe(403);
    expect((await fetch(country)).status).toBe(403);
    expect(await graphql(simulator)).toBe(403);
    expect((await get(simulator, pathOf('PERSON', 'limit=1'))).status).toBe(200);
    simulator.forbid('PLAN', false);
    simulator.forbid('COUNTRY', false);
    simulator.forbid('PERSON', true);
    expect((await get(simulator, plan)).status).toBe(200);
    expect((await fetch(country)).status).toBe(200);
    expect((await get(simulator, pathOf('PERSON', 'limit=1'))).status).toBe(403);
  });
});

describe('faults', () => {
  const parse = faultParser(sisKinds);

  test('strike the services they name, and are counted', async () => {
    const simulator = await openSis({ faults: [parse('503:on=PERSON:times=2')] });
    const path = pathOf('PERSON', 'limit=1');
    expect((await get(simulator, pathOf('PLAN', 'limit=1'))).status).toBe(200);
    expect((await get(simulator, path)).status).toBe(503);
    expect((await get(simulator, path)).status).toBe(503);
    expect((await get(simulator, path)).status).toBe(200);
    expect(simulator.requests).toMatchObject({
      total: 4,
      byKind: { PERSON: 3, PLAN: 1 },
      byStatus: { 200: 2, 503: 2 },
      byFault: { '503:on=PERSON:times=2': 2 },
    });
    expect(() => parse('503:on=members')).toThrow('PERSON');
  });

  test('cut, hang, slow down and replace answers, and can be changed while it runs', async () => {
    const simulator = await openSis();
    simulator.setFaults([parse('truncate:once')]);
    await expect(readPage(simulator, 'PERSON', 0)).rejects.toThrow('terminated');
    simulator.setFaults([parse('html:once')]);
    await expect(readPage(simulator, 'PERSON', 0)).rejects.toThrow('JSON');
    simulator.setFaults([parse('slow:ms=120:once')]);
    const began = performance.now();
    await readPage(simulator, 'PERSON', 0);
    expect(performance.now() - began).toBeGreaterThan(110);
    simulator.setFaults([parse('hang:once')]);
    const client = new AbortController();
    const hanging = fetch(`${simulator.url}${pathOf('PERSON', 'limit=1')}`, { signal: client.signal });
    await until(() => simulator.requests.open === 1);
    client.abort();
    await expect(hanging).rejects.toThrow('aborted');
    simulator.setLatency(100);
    const again = performance.now();
    await readPage(simulator, 'PERSON', 0);
    expect(performance.now() - again).toBeGreaterThan(90);
  });
});

test('a port that is taken is a setting to correct, and nothing stays open', async () => {
  const simulator = await openSis();
  const port = Number(new URL(simulator.url).port);
  await expect(startSis({ port })).rejects.toThrow(SettingError);
  const free = await startSis();
  await free.close();
  const freePort = Number(new URL(free.url).port);
  await expect(startSis({ port: freePort, publicPort: port })).rejects.toThrow(SettingError);
  await openSis({ port: freePort });
});

async function digest(seed: number): Promise<string> {
  const simulator = await openSis({ entities: 500, seed });
  const response = await fetch(`${simulator.url}${pathOf('STUDY_RIGHT', 'limit=500')}`);
  return createHash('sha256')
    .update(await response.text())
    .digest('hex');
}

test('the same seed gives the same answer to the byte, another one another', async () => {
  expect(await digest(11)).toBe(await digest(11));
  expect(await digest(11)).not.toBe(await digest(12));
});
