import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readEnvironment, secretsOf } from '../../src/cli/environment.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';

test('.env adds to the environment, which wins', () => {
  const root = temporaryFolder();
  expect(readEnvironment({ env: { A: '1' }, root })).toEqual({ A: '1' });
  writeFileSync(join(root, '.env'), '\uFEFF# keys\nA=2\nexport B="two words"\nC=$(rm -rf /)\n');
  expect(readEnvironment({ env: { A: '1' }, root })).toEqual({ A: '1', B: 'two words', C: '$(rm -rf /)' });
});

describe('what must not be shown', () => {
  test.each([
    ['MAILCHIMP_APIKEY', 'abc-us1'],
    ['MAILCHIMP_APIKEY_SHOP', 'abc-us1'],
    ['OMETRIA_APIKEY_X', 'abcd'],
    ['REDIS_PASSWORD', 'hunter22'],
    ['REDIS_PASS', 'hunter22'],
    ['SLACK_WEBHOOK_SECRET', 'xyz1'],
    ['control_token', 'tok-1'],
  ])('%s', (name, value) => {
    expect(secretsOf({ [name]: value })).toEqual([value]);
  });

  test('passwords inside URLs, as they are written and as they are meant', () => {
    expect(secretsOf({ REDIS_URL: 'redis://user:p%40ss@host:6379/0' })).toEqual(['p%40ss', 'p@ss']);
    expect(secretsOf({ HTTPS_PROXY: 'http://me:s3cret@proxy' })).toEqual(['s3cret']);
  });

  test('also of a URL that cannot be parsed', () => {
    expect(secretsOf({ REDIS_URL: 'redis://u:hunter22@host:99999' })).toEqual(['hunter22']);
    expect(secretsOf({ QUEUE_URL: 'redis://:a@b#c@host' })).toContain('a@b#c');
  });

  test('with and without the blanks that a person pasted along', () => {
    expect(secretsOf({ MAILCHIMP_APIKEY: ' abcd-us1\t' })).toEqual([' abcd-us1\t', 'abcd-us1']);
  });

  test.each([
    ['SIS_API_PASSWORD', 'hunter22'],
    ['PROXY_TOKEN', 'tok-1'],
    ['API_KEY', 'abcd'],
  ])('%s of SISU', (name, value) => {
    expect(secretsOf({ [name]: value })).toEqual([value]);
  });

  test('not where the file of a key is, which an error has to name', () => {
    expect(secretsOf({ KEY_PATH: '/certs/key.pem', CERT_PATH: '/certs/cert.pem' })).toEqual([]);
  });

  test('nothing else', () => {
    expect(
      secretsOf({ PATH: '/usr/bin', REDIS_URL: 'redis://host', A_KEY: 'abc', B_TOKEN: undefined }),
    ).toEqual([]);
  });
});
