import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startMailchimp, type MailchimpSimulator } from '../../src/simulator/mailchimp.ts';
import type { AnswerLine } from '../../src/simulator/answer-line.ts';
import { parseFault } from '../../src/simulator/parse-fault.ts';
import { until } from '../support/until.ts';
import { ask, key } from './ask.ts';

const start = Date.UTC(2026, 10, 21, 12) + 400;
const page = '/lists/demo/members?count=100';
const lines: AnswerLine[] = [];
let simulator: MailchimpSimulator;

beforeAll(async () => {
  simulator = await startMailchimp({
    lists: { demo: 100 },
    now: () => start,
    onAnswer: (line) => lines.push(line),
  });
});
afterAll(() => simulator.close());
beforeEach(() => {
  lines.length = 0;
});

const set = (...faults: string[]): void => simulator.setFaults(faults.map(parseFault));

/** Everything the server sends on a connection of its own, and how the connection ended. */
async function rawGet(path: string): Promise<{ text: string; ended: string }> {
  const { port } = new URL(simulator.url);
  const socket = connect(Number(port), '127.0.0.1');
  let text = '';
  let ended = '';
  socket.on('data', (bytes) => (text += bytes.toString('latin1')));
  socket.on('error', (error: NodeJS.ErrnoException) => (ended = error.code ?? 'error'));
  socket.on('close', () => (ended ||= 'closed'));
  socket.write(`GET /3.0${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${key(simulator.apiKey)}\r\n\r\n`);
  await until(() => ended);
  return { text, ended };
}

describe('statuses', () => {
  test('come with a problem document', async () => {
    set('503:once');
    const { status, headers, json } = await ask(simulator, page);
    expect(status).toBe(503);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(headers.has('retry-after')).toBe(false);
    expect(json).toMatchObject({ status: 503, title: 'Service Unavailable' });
    expect((await ask(simulator, page)).status).toBe(200);
  });

  test('come without a body when told to', async () => {
    set('429:empty:once', '403:empty:once');
    for (const expected of [429, 403]) {
      const { status, headers, text } = await ask(simulator, page);
      expect([status, text, headers.has('content-type')]).toEqual([expected, '', false]);
    }
  });

  test('come with Retry-After in seconds, or as a date by the clock of the simulator', async () => {
    set('429:retry-after=7:once', '503:retry-after=date:once');
    expect((await ask(simulator, page)).headers.get('retry-after')).toBe('7');
    // Never less than the two seconds: 12:00:00.4 and 2 s is rounded up.
    expect((await ask(simulator, page)).headers.get('retry-after')).toBe('Sat, 21 Nov 2026 12:00:03 GMT');
  });
});

describe('broken answers', () => {
  test('truncate breaks the connection within the body that was promised', async () => {
    set('truncate:once');
    const { text } = await rawGet(page);
    const [head = '', body = ''] = text.split('\r\n\r\n');
    const promised = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    expect(head).toContain('200 OK');
    expect(body.length).toBe(Math.floor(promised / 2));
    set('truncate:once');
    await expect(ask(simulator, page)).rejects.toThrow('terminated');
  });

  test('truncate:framed looks whole to HTTP but is no JSON', async () => {
    set('truncate:framed:once');
    const { status, json, text } = await ask(simulator, page);
    expect([status, json]).toEqual([200, undefined]);
    expect(text.startsWith('{"members":[')).toBe(true);
  });

  test('stall sends half and then nothing', async () => {
    set('stall:once');
    const client = new AbortController();
    const response = await fetch(`${simulator.url}${page}`, {
      headers: { authorization: key(simulator.apiKey) },
      signal: client.signal,
    });
    expect(response.status).toBe(200);
    const timer = setTimeout(() => client.abort(), 100);
    await expect(response.text()).rejects.toThrow('aborted');
    clearTimeout(timer);
    await until(() => simulator.requests.open === 0);
  });

  test('reset answers nothing', async () => {
    set('reset:once');
    expect(await rawGet(page)).toEqual({ text: '', ended: 'ECONNRESET' });
  });

  test('hang holds its place until the client leaves', async () => {
    set('hang:once');
    await expect(
      ask(simulator, page, {
        headers: { authorization: key(simulator.apiKey) },
        signal: AbortSignal.timeout(100),
      }),
    ).rejects.toThrow('timeout');
    await until(() => simulator.requests.open === 0);
    expect(lines).toMatchObject([{ status: 'none', fault: 'hang:once' }]);
  });

  test('slow is right, but late', async () => {
    set('slow:ms=150:once');
    const began = performance.now();
    const { status, json } = await ask(simulator, page);
    expect([status, json.members.length]).toEqual([200, 100]);
    expect(performance.now() - began).toBeGreaterThan(140);
  });

  test('html is a 200 that is no JSON', async () => {
    set('html:once');
    const { status, headers, text } = await ask(simulator, page);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(text).toContain('<html>');
  });
});

test('each request is told of and counted, with the fault that struck it', async () => {
  const before = simulator.requests;
  set('500:on=members:once');
  await ask(simulator, '/ping');
  await ask(simulator, page);
  await ask(simulator, page);
  expect(lines).toEqual([
    { kind: 'ping', method: 'GET', url: '/3.0/ping', status: 200, records: 0, fault: undefined },
    {
      kind: 'members',
      method: 'GET',
      url: `/3.0${page}`,
      status: 500,
      records: 0,
      fault: '500:on=members:once',
    },
    { kind: 'members', method: 'GET', url: `/3.0${page}`, status: 200, records: 100, fault: undefined },
  ]);
  const after = simulator.requests;
  expect(after.total - before.total).toBe(3);
  expect((after.byKind.ping ?? 0) - (before.byKind.ping ?? 0)).toBe(1);
  expect(after.byFault['500:on=members:once']).toBe(1);
});
