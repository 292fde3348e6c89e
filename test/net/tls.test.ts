import { createServer } from 'node:https';
import { Agent, request } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHttpClient } from '../../src/net/client.ts';
import { createQuotas } from '../../src/net/quota.ts';
import { createRecordingClock } from './recording-clock.ts';
import { selfSigned } from './self-signed.ts';

const server = createServer(selfSigned(), (_request, response) => response.end('{}'));
let url = new URL('https://localhost');

beforeEach(async () => {
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  url = new URL(`https://localhost:${address.port}/3.0`);
  // What people put into their environment to get past a proxy.
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
});

afterEach(async () => {
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
});

test('a server that cannot prove who it is gets no request, whatever the environment says', async () => {
  const clock = createRecordingClock();
  const client = createHttpClient({ clock, random: () => 0, emit: () => undefined });
  const quota = createQuotas({ clock }).quotaFor(url.host, 'key');
  await expect(client.get(url, { quota, signal: new AbortController().signal })).rejects.toMatchObject({
    code: 'net.certificate',
    message: `${url.host} could not prove who it is`,
    hint: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'),
  });
  expect(clock.waits).toEqual([]);
  await client.close();
});

test('twin: an agent that leaves it to the environment sends the request', async () => {
  const dispatcher = new Agent();
  const { statusCode, body } = await request(url, { dispatcher });
  await body.dump();
  expect(statusCode).toBe(200);
  await dispatcher.close();
});
