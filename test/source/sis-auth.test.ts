import { describe, expect, test } from 'vitest';
import { type SisCredentials, exportAuth, graphqlAuth, publicAuth } from '../../src/source/sis-auth.ts';

const client = { cert: 'CERT', key: 'KEY' };
const all: SisCredentials = { user: 'u', password: 'pässword', token: 'tok-1', apiKey: 'key-1', client };
const { user: _u, ...withoutUser } = all;
const { client: _c, ...withoutClient } = withoutUser;
const { apiKey: _a, ...withoutKey } = withoutUser;

// systems.md 2.2.
describe('the old order', () => {
  test.each<[string, SisCredentials, Readonly<Record<string, string>>, typeof client | undefined]>([
    ['Basic goes first', all, { authorization: `Basic ${btoa('u:p\u00c3\u00a4ssword')}` }, undefined],
    ['a user without a password does not count', { ...all, password: '' }, { 'x-api-key': 'key-1' }, client],
    ['without certificates the token', withoutClient, { authorization: 'Bearer tok-1' }, undefined],
    ['key and certificate', withoutUser, { 'x-api-key': 'key-1' }, client],
    ['the certificate alone', withoutKey, {}, client],
    ['nothing', {}, {}, undefined],
    ['a key without certificates is not sent', { apiKey: 'key-1' }, {}, undefined],
  ])('%s', (_name, credentials, headers, shown) => {
    expect(exportAuth(credentials)).toMatchObject({ headers, client: shown });
  });
});

describe('GraphQL', () => {
  test.each<[string, SisCredentials, Readonly<Record<string, string>>, typeof client | undefined]>([
    ['never Basic', all, { 'x-api-key': 'key-1' }, client],
    ['without certificates the token in its own header', withoutClient, { token: 'tok-1' }, undefined],
    ['the certificate alone', withoutKey, {}, client],
    ['nothing', { user: 'u', password: 'p' }, {}, undefined],
  ])('%s', (_name, credentials, headers, shown) => {
    expect(graphqlAuth(credentials)).toMatchObject({ headers, client: shown });
  });

  test('counts together with the exports where the credentials are the same', () => {
    for (const credentials of [withoutClient, withoutUser, withoutKey, {}]) {
      expect(graphqlAuth(credentials).secrets).toEqual(exportAuth(credentials).secrets);
    }
  });
});

test('everything that is sent is a secret', () => {
  for (const credentials of [all, withoutClient, withoutUser, withoutKey]) {
    for (const { headers, secrets } of [exportAuth(credentials), graphqlAuth(credentials)]) {
      const sent = Object.values(headers).map((value) => value.replace(/^(Basic|Bearer) /, ''));
      const known = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64')]);
      for (const value of sent) expect(known).toContain(value);
    }
  }
  expect(publicAuth).toMatchObject({ headers: {}, client: undefined, secrets: [] });
});
