import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { isAbort } from '../../src/model/errors.ts';
import type { EventBody } from '../../src/model/events.ts';
import { type HttpClient, createHttpClient } from '../../src/net/client.ts';
import { type Quota, createQuotas } from '../../src/net/quota.ts';
import type { Answer, RequestOptions } from '../../src/net/request.ts';
import { createTraffic } from '../../src/net/traffic.ts';
import { until } from '../support/until.ts';
import { createRecordingClock } from './recording-clock.ts';
import {
  type Reply,
  type ScriptedServer,
  gzipped,
  hang,
  json,
  reset,
  slow,
  stall,
  startScriptedServer,
  text,
  truncated,
} from './scripted-server.ts';

const toClose: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

interface World {
  readonly server: ScriptedServer;
  readonly client: HttpClient;
  readonly quota: Quota;
  readonly waits: number[];
  readonly events: EventBody[];
  readonly get: (options?: Partial<RequestOptions>) => Promise<Answer>;
}

async function open(...replies: readonly Reply[]): Promise<World> {
  const server = await startScriptedServer(...replies);
  const clock = createRecordingClock();
  const events: EventBody[] = [];
  const client = createHttpClient({ clock, random: () => 0.5, emit: (event) => events.push(event) });
  toClose.push(
    () => server.close(),
    () => client.close(),
  );
  const quota = createQuotas({ clock }).quotaFor(server.url.host, 'key');
  const signal = new AbortController().signal;
  return {
    server,
    client,
    quota,
    waits: clock.waits,
    events,
    get: (options) => client.get(server.url, { quota, signal, ...options }),
  };
}

const fine = json({ fine: true });

describe('an answer', () => {
  test('comes with status, JSON, size and the clock of the server', async () => {
    const { get } = await open(json({ a: 'ö' }, 200, { date: 'Sat, 21 Nov 2026 12:00:00 GMT', 'x-y': 'z' }));
    const answer = await get();
    expect(answer).toMatchObject({
      status: 200,
      json: { a: 'ö' },
      bytes: Buffer.byteLength('{"a":"ö"}'),
      date: Date.parse('2026-11-21T12:00:00Z'),
      // The recording clock begins there, and nothing has slept.
      received: Date.parse('2026-11-21T12:00:00Z'),
    });
    expect(answer.headers['x-y']).toBe('z');
  });

  test('is decompressed', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(10_000) });
    const { get, server } = await open(gzipped(body));
    const traffic = createTraffic();
    const answer = await get({ onAttempt: traffic.count });
    expect(server.requests[0]?.headers['accept-encoding']).toBe('gzip');
    expect(answer.bytes).toBe(body.length);
    expect(traffic.totals().bytes).toBeLessThan(200);
  });

  test.each([400, 401, 403, 404, 422])('of status %i with a problem document is final', async (status) => {
    const { get, waits } = await open(json({ title: 'no' }, status));
    expect(await get()).toMatchObject({ status, json: { title: 'no' } });
    expect(waits).toEqual([]);
  });

  test('of status 404 without JSON is final too', async () => {
    const { get } = await open(text('<html>', 404));
    expect(await get()).toMatchObject({ status: 404, json: undefined });
  });

  test('that redirects is not followed', async () => {
    const { get, server } = await open(text('', 302, { location: '/elsewhere' }));
    expect((await get()).status).toBe(302);
    expect(server.requests).toHaveLength(1);
  });
});

describe('a POST', () => {
  test('sends JSON, and sends it again when it has to', async () => {
    const { server, client, quota } = await open(json({}, 503), truncated('{"a":"0123456789"}'), fine);
    const options = { quota, signal: new AbortController().signal, headers: { token: 't' } };
    expect((await client.post(server.url, { query: 'ä' }, options)).json).toEqual({ fine: true });
    expect(server.requests.map(({ method, body }) => [method, body()])).toEqual(
      Array.from({ length: 3 }, () => ['POST', '{"query":"ä"}']),
    );
    expect(server.requests[2]?.headers).toMatchObject({
      token: 't',
      'content-type': 'application/json',
      'content-length': '14',
    });
  });

  test('and a GET share a connection without mixing', async () => {
    const { server, client, quota, get } = await open(fine);
    await get();
    await client.post(server.url, null, { quota, signal: new AbortController().signal });
    expect(server.requests.map(({ method, body }) => [method, body()])).toEqual([
      ['GET', ''],
      ['POST', 'null'],
    ]);
    expect(server.requests[0]?.headers['content-type']).toBeUndefined();
  });
});

describe('a 403 without a JSON body', () => {
  test('is final where that is asked for, and holds up nobody', async () => {
    for (const reply of [text('', 403), text('<html>', 403)]) {
      const { get, waits, quota } = await open(reply);
      expect(await get({ bareForbidden: 'final' })).toMatchObject({ status: 403, json: undefined });
      expect(waits).toEqual([]);
      expect(quota.load().blockedMs).toBe(0);
    }
  });
});

describe('another attempt follows', () => {
  const broken: readonly [string, Reply, RegExp][] = [
    ['a reset connection', reset, /^connection broken by 127/],
    ['a cut-off body', truncated('{"a":"0123456789"}'), /^connection broken by 127/],
    ['a cut-off gzip body', gzipped('{"a":"0123456789"}', 0.7), /^a cut-off answer from 127/],
    [
      'a body that is not JSON',
      text('<html>try later</html>'),
      /^an answer that is not JSON \(200\) from 127/,
    ],
    ['JSON that ends early', text('{"a":'), /^an answer that is not JSON/],
    ['broken UTF-8', text(Buffer.from([0x22, 0xff, 0x22])), /^an answer that is not JSON/],
    ['an empty body', text(''), /^an answer that is not JSON/],
    ['500', json({}, 500), /^500 from 127/],
    ['502 from a proxy', text('<html>', 502), /^502 from 127/],
    ['503', json({}, 503), /^503 from 127/],
    ['429', json({}, 429), /^429 from 127/],
    ['408', json({}, 408), /^408 from 127/],
    ['403 without a JSON body', text('Access Denied', 403), /^403 from 127/],
    [
      'an encoding nobody asked for',
      text('x', 200, { 'content-encoding': 'br' }),
      /^an encoding that was not asked for/,
    ],
  ];

  test.each(broken)('%s', async (_name, reply, reason) => {
    const { get, server, events } = await open(reply, fine);
    expect((await get()).json).toEqual({ fine: true });
    expect(events).toEqual([
      {
        type: 'source.retry',
        host: server.url.host,
        reason: expect.stringMatching(reason),
        attempt: 1,
        waitMs: 500,
      },
    ]);
  });

  test('an answer that never comes', async () => {
    const { get, events } = await open(hang, fine);
    await get({ deadlineMs: 50 });
    expect(events[0]).toMatchObject({
      reason: expect.stringMatching(/^no complete answer within 0.05 s from 127/),
    });
  });

  test('an answer that stops half way', async () => {
    const { get, events } = await open(stall, fine);
    await get({ deadlineMs: 50 });
    expect(events).toHaveLength(1);
  });

  test('a refused connection, and the error says what happened and what to do', async () => {
    const { get, server, events } = await open(fine);
    await server.close();
    const error: unknown = await get().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'net.unavailable',
      recovery: 'retry',
      message: `6 attempts failed, the last one with: connection refused by ${server.url.host}`,
      hint: expect.stringContaining('tried again later'),
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
    });
    expect(events).toHaveLength(5);
  });
});

describe('waiting', () => {
  test('doubles, and ends with the last attempt', async () => {
    const { get, waits, server } = await open(json({}, 503));
    await expect(get()).rejects.toMatchObject({ code: 'net.unavailable' });
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000]);
    expect(server.requests).toHaveLength(6);
  });

  test('follows Retry-After in seconds, in full', async () => {
    const { get, waits } = await open(json({}, 429, { 'retry-after': '3700' }), fine);
    await get();
    expect(waits[0]).toBe(3_700_000);
  });

  test('follows Retry-After as a date by the clock of the server', async () => {
    const date = 'Thu, 01 Jan 2099 00:00:00 GMT';
    const { get, waits } = await open(
      json({}, 503, { date, 'retry-after': 'Thu, 01 Jan 2099 00:02:00 GMT' }),
      fine,
    );
    await get();
    expect(waits[0]).toBe(120_000);
  });

  test('is never shorter than the back-off', async () => {
    const { get, waits } = await open(json({}, 503, { 'retry-after': '0' }), fine);
    await get();
    expect(waits[0]).toBe(500);
  });

  test('after 429, 403 without a body or Retry-After makes all of the quota wait', async () => {
    for (const reply of [json({}, 429), text('', 403), json({}, 503, { 'retry-after': '9' })]) {
      const { get, quota } = await open(reply);
      await expect(get({ attempts: 1 })).rejects.toMatchObject({ code: 'net.unavailable' });
      expect(quota.load().blockedMs).toBeGreaterThan(400);
    }
    const { get, quota } = await open(json({}, 503));
    await expect(get({ attempts: 1 })).rejects.toMatchObject({ code: 'net.unavailable' });
    expect(quota.load().blockedMs).toBe(0);
  });

  test('holds no place of the quota', async () => {
    const loads: number[] = [];
    const server = await startScriptedServer(json({}, 503), fine);
    const clock = createRecordingClock();
    const quota = createQuotas({ clock, limit: 1 }).quotaFor('host', 'key');
    const emit = (): void => void loads.push(quota.load().active);
    const client = createHttpClient({ clock, random: () => 0, emit });
    toClose.push(
      () => server.close(),
      () => client.close(),
    );
    await client.get(server.url, { quota, signal: new AbortController().signal });
    expect(loads).toEqual([0]);
  });
});

describe('limits', () => {
  test('never more requests or connections than the quota has places', async () => {
    const { get, server } = await open(slow(fine, 20));
    await Promise.all(Array.from({ length: 45 }, () => get()));
    expect(server.busiest()).toBe(10);
    expect(await server.connections()).toBeLessThanOrEqual(10);
  });

  test('a body that is too large is given up, compressed or not', async () => {
    const body = JSON.stringify('x'.repeat(5000));
    for (const reply of [text(body), gzipped(body)]) {
      const { get, waits } = await open(reply);
      await expect(get({ maxBytes: 1000 })).rejects.toMatchObject({
        code: 'net.too_large',
        recovery: 'config',
      });
      expect(waits).toEqual([]);
    }
  });
});

test('every attempt is counted', async () => {
  const { get, waits } = await open(slow(json({}, 503), 30), reset, fine);
  const traffic = createTraffic();
  await get({ onAttempt: traffic.count });
  const { requests, retried, bytes, slowestMs, spentMs } = traffic.totals();
  expect({ requests, retried, bytes }).toEqual({
    requests: 3,
    retried: 2,
    bytes: '{}'.length + '{"fine":true}'.length,
  });
  expect(slowestMs).toBeGreaterThanOrEqual(25);
  expect(spentMs.underWay).toBeGreaterThanOrEqual(slowestMs);
  expect(spentMs.pausing).toBe(waits.reduce((sum, ms) => sum + ms));
});

test('what a request waits for its place in the quota is counted apart from what it takes', async () => {
  const { get, quota } = await open(fine);
  const traffic = createTraffic();
  const signal = new AbortController().signal;
  const places = await Promise.all(Array.from({ length: quota.limit }, () => quota.acquire(signal)));
  const asked = get({ onAttempt: traffic.count });
  await delay(40);
  for (const giveBack of places) giveBack();
  await asked;
  const { slowestMs, spentMs } = traffic.totals();
  expect(spentMs.quota).toBeGreaterThanOrEqual(35);
  expect(spentMs.underWay).toBe(slowestMs);
});

describe('stopping', () => {
  test('an abort during a request is prompt and frees the place', async () => {
    const { get, quota, server } = await open(hang);
    const stop = new AbortController();
    const asking = get({ signal: stop.signal });
    await until(() => server.requests.length === 1);
    stop.abort(new Error('drained'));
    await expect(asking).rejects.toSatisfy(isAbort);
    expect(quota.load()).toEqual({ active: 0, waiting: 0, blockedMs: 0 });
    await until(async () => (await server.connections()) === 0);
  });

  test('closing ends what is under way and closes the connections', async () => {
    const { get, client, server } = await open(fine, hang);
    await get();
    const asking = get();
    asking.catch(() => undefined);
    await until(() => server.requests.length === 2);
    await client.close();
    await client.close();
    await expect(asking).rejects.toSatisfy(isAbort);
    await expect(get()).rejects.toSatisfy(isAbort);
    await until(async () => (await server.connections()) === 0);
  });
});
