import { afterEach, describe, expect, test } from 'vitest';
import { SluiceError } from '../../src/model/errors.ts';
import { createHttpClient } from '../../src/net/client.ts';
import { createQuotas } from '../../src/net/quota.ts';
import { createTraffic } from '../../src/net/traffic.ts';
import type { ChainedSource } from '../../src/source/contract.ts';
import type { SisConnection } from '../../src/source/sis-ask.ts';
import { exportAuth } from '../../src/source/sis-auth.ts';
import { type SisExportOptions, createSisExportSource } from '../../src/source/sis-export.ts';
import { createRecordingClock } from '../net/recording-clock.ts';
import { type Reply, type SeenRequest, json, startScriptedServer, text } from '../net/scripted-server.ts';
import { selfSigned } from '../net/self-signed.ts';

const toClose: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

const signal = new AbortController().signal;
const request = { after: 41, limit: 1000 };
const nothing = json({ entities: [], hasMore: false, greatestOrdinal: 41 });

interface World {
  readonly source: ChainedSource;
  readonly requests: readonly SeenRequest[];
  readonly host: string;
}

async function open(
  reply: Reply,
  {
    connection = {},
    path = '',
    ...options
  }: { connection?: Partial<SisConnection>; path?: string } & Partial<
    Omit<SisExportOptions, 'connection'>
  > = {},
): Promise<World> {
  const server = await startScriptedServer(reply);
  const clock = createRecordingClock();
  const client = createHttpClient({ clock, random: () => 0, emit: () => undefined });
  toClose.push(
    () => server.close(),
    () => client.close(),
  );
  const source = createSisExportSource({
    connection: {
      base: new URL(path, server.url.origin),
      baseSetting: 'SIS_API_URL',
      auth: exportAuth({}),
      client,
      quotas: createQuotas({ clock }),
      ...connection,
    },
    path: '/ori/api/persons/v1/export',
    keyFields: ['id'],
    ...options,
  });
  return { source, requests: server.requests, host: server.url.host };
}

async function failure(work: Promise<unknown>): Promise<SluiceError> {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof SluiceError)) throw new Error('a SluiceError was expected', { cause: error });
  return error;
}

describe('what is asked', () => {
  test('the resource with the ordinal and the limit, and nothing about who asks when nothing is set', async () => {
    const { source, requests } = await open(nothing);
    await source.read({ after: 0, limit: 1000 }, signal);
    expect(requests[0]).toMatchObject({
      method: 'GET',
      url: '/ori/api/persons/v1/export?since=0&limit=1000',
      headers: { accept: 'application/json', 'accept-encoding': 'gzip' },
    });
    for (const header of ['authorization', 'token', 'x-api-key']) {
      expect(requests[0]?.headers[header]).toBeUndefined();
    }
  });

  test('by the name the resource gives the ordinal, below the path of the address', async () => {
    const { source, requests } = await open(nothing, { path: '/proxy/sis', sinceName: 'sinceOrdinal' });
    await source.read(request, signal);
    expect(requests[0]?.url).toBe('/proxy/sis/ori/api/persons/v1/export?sinceOrdinal=41&limit=1000');
  });

  test('with the greatest of ordinals written out', async () => {
    const { source, requests } = await open(nothing);
    await source.read({ after: Number.MAX_SAFE_INTEGER, limit: 1 }, signal);
    expect(requests[0]?.url).toContain('since=9007199254740991&');
  });

  test('by who is set to ask', async () => {
    const { source, requests } = await open(nothing, {
      connection: { auth: exportAuth({ token: 'tok-1' }) },
    });
    await source.read(request, signal);
    expect(requests[0]?.headers.authorization).toBe('Bearer tok-1');
  });
});

describe('what comes back', () => {
  test('the page, the clock of the source and the size', async () => {
    const entity = { id: 'a', metadata: { modificationOrdinal: 42 } };
    const body = { entities: [entity], hasMore: true, greatestOrdinal: 50 };
    const { source } = await open(json(body, 200, { date: 'Sat, 21 Nov 2026 10:00:00 GMT' }));
    let received = 0;
    expect(await source.read(request, signal, () => (received += 1))).toEqual({
      records: [{ key: 'a', version: 42, modified: undefined, value: entity }],
      next: 50,
      hasMore: true,
      now: Date.parse('2026-11-21T10:00:00Z'),
      bytes: JSON.stringify(body).length,
    });
    expect(received).toBe(1);
  });

  test('without a Date the clock of this machine', async () => {
    const { source } = await open((_request, response) => {
      response.sendDate = false;
      response.end('{"hasMore":false}');
    });
    expect((await source.read(request, signal)).now).toBe(Date.parse('2026-11-21T12:00:00Z'));
  });

  test('every request is counted, retries too', async () => {
    const traffic = createTraffic();
    const { source } = await open(json({}, 500), { connection: { onAttempt: traffic.count } });
    expect(await failure(source.read(request, signal))).toMatchObject({
      code: 'source.unavailable',
      recovery: 'retry',
    });
    expect(traffic.totals().requests).toBe(6);
  });
});

describe('a refusal', () => {
  const auth = exportAuth({ user: 'importer', password: 'S3cret-0123' });
  const said = { timestamp: 'now', error: 'For\u0007bidden', message: `importer:S3cret-0123 may not` };

  test.each([
    [400, 'source.rejected', 'stop', 'SISU rejects the request', /cursor has not moved/],
    [
      401,
      'source.unauthorized',
      'config',
      'SISU does not accept the credentials',
      /^check SIS_API_USER and SIS_API_PASSWORD$/,
    ],
    [
      403,
      'source.forbidden',
      'stop',
      'SISU forbids it',
      /\/ori\/api\/persons\/v1\/export; it is tried again/,
    ],
    [
      404,
      'source.not_found',
      'config',
      /^there is nothing at \/ori\/api\/persons\/v1\/export of 127/,
      /SIS_API_URL/,
    ],
    [422, 'source.rejected', 'stop', 'SISU rejects the request', /cursor has not moved/],
    [302, 'source.unexpected', 'retry', 'SISU answered with status 302', /SIS_API_URL/],
  ])('%i is %s', async (status, code, recovery, message, hint) => {
    const { source, requests } = await open(json(said, status), { connection: { auth } });
    const error = await failure(source.read(request, signal));
    expect(error).toMatchObject({ name: 'SourceError', code, recovery, hint: expect.stringMatching(hint) });
    expect(error.message).toMatch(message);
    expect(error.message.endsWith(': For bidden: *** may not')).toBe(true);
    expect(requests).toHaveLength(1);
  });

  test.each([text('', 403), text('<html>Forbidden</html>', 403)])(
    'a 403 without JSON blocks this service and no other',
    async (reply) => {
      const { source, requests } = await open(reply);
      expect(await failure(source.read(request, signal))).toMatchObject({
        code: 'source.forbidden',
        message: 'SISU forbids it',
      });
      expect(requests).toHaveLength(1);
    },
  );

  test('without credentials says which there are', async () => {
    const { source } = await open(json({}, 401));
    expect((await failure(source.read(request, signal))).hint).toBe(
      'none were sent: set SIS_API_USER and SIS_API_PASSWORD, or PROXY_TOKEN, or KEY_PATH and CERT_PATH',
    );
  });

  test('a connection broken with a client certificate names it and until when it is valid', async () => {
    const client = selfSigned();
    const { source } = await open((asked) => asked.socket.destroy(), {
      connection: { auth: exportAuth({ client }) },
    });
    expect(await failure(source.read(request, signal))).toMatchObject({
      code: 'source.unavailable',
      hint: expect.stringContaining('KEY_PATH and CERT_PATH name them, valid until Dec 31 23:59:59 2049 GMT'),
    });
  });
});
