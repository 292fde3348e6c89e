import { createServer } from 'node:https';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { onTestFinished, expect, test } from 'vitest';
import { createHttpClient } from '../../src/net/client.ts';
import { createQuotas } from '../../src/net/quota.ts';
import type { Answer } from '../../src/net/request.ts';
import { type TlsOptions, createSecure, validUntil } from '../../src/net/tls.ts';
import { createRecordingClock } from './recording-clock.ts';
import { selfSigned } from './self-signed.ts';

const server = selfSigned();
const ours = selfSigned();
const strangers = selfSigned();

interface Asked {
  /** Whether the server saw a certificate it accepts. */
  readonly accepted: () => readonly boolean[];
  readonly ask: (tls: TlsOptions | undefined) => Promise<Answer>;
}

/** A server with a certificate nobody vouches for, that accepts one client. */
async function open(required: boolean): Promise<Asked> {
  const accepted: boolean[] = [];
  const options = { ...server, ca: [ours.cert], requestCert: true, rejectUnauthorized: required };
  const listening = createServer(options, (request, response) => {
    accepted.push('authorized' in request.socket && request.socket.authorized === true);
    response.end('{}');
  });
  await new Promise<void>((resolve) => listening.listen(0, 'localhost', resolve));
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = new URL(`https://localhost:${address.port}`);
  const clock = createRecordingClock();
  const client = createHttpClient({ clock, random: () => 0, emit: () => undefined });
  const quotas = createQuotas({ clock });
  onTestFinished(async () => {
    await client.close();
    await new Promise((resolve) => {
      listening.close(resolve);
      listening.closeAllConnections();
    });
  });
  return {
    accepted: () => accepted,
    ask: (tls) =>
      client.get(url, {
        quota: quotas.quotaFor(url.host, 'key', tls),
        signal: new AbortController().signal,
      }),
  };
}

test('an own CA vouches for the server, and the client certificate is shown', async () => {
  const { ask, accepted } = await open(true);
  expect((await ask({ ca: server.cert, client: ours })).status).toBe(200);
  expect(accepted()).toEqual([true]);
});

test('an own CA comes on top of those that this machine trusts', async () => {
  const { ask } = await open(false);
  await expect(ask({ ca: strangers.cert })).rejects.toMatchObject({ code: 'net.certificate' });
  const before = getCACertificates('default');
  onTestFinished(() => setDefaultCACertificates(before));
  setDefaultCACertificates([...before, server.cert]);
  expect((await ask({ ca: ours.cert })).status).toBe(200);
});

test('quotas of one client do not share certificates', async () => {
  const { ask, accepted } = await open(false);
  await ask({ ca: server.cert, client: ours });
  await ask({ ca: server.cert });
  await expect(ask(undefined)).rejects.toMatchObject({ code: 'net.certificate' });
  await expect(ask({ client: ours })).rejects.toMatchObject({ code: 'net.certificate' });
  await ask({ ca: server.cert, client: ours });
  expect(accepted()).toEqual([true, false, true]);
});

test.each<[string, TlsOptions]>([
  ['no certificate', { ca: server.cert }],
  ['another one than the server trusts', { ca: server.cert, client: strangers }],
])('with %s nothing is asked of a server that wants one', async (_name, tls) => {
  const { ask, accepted } = await open(true);
  // Node's server breaks the connection without an alert; what an alert says is in verdict.test.ts.
  await expect(ask(tls)).rejects.toMatchObject({ code: 'net.unavailable' });
  expect(accepted()).toEqual([]);
});

test('tells until when a certificate is valid', () => {
  expect(validUntil(ours.cert)).toBe('Dec 31 23:59:59 2049 GMT');
  expect(validUntil('none')).toBeUndefined();
});

test.each<[string, TlsOptions]>([
  ['a CA that is none', { ca: 'hello' }],
  ['an empty CA', { ca: '' }],
  ['a key of another certificate', { client: { cert: ours.cert, key: strangers.key } }],
  ['no key', { client: { cert: ours.cert, key: ours.cert } }],
])('%s is refused before anything is sent', (_name, tls) => {
  expect(() => createSecure(tls)).toThrow();
});
