import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { SisOptions } from '../../src/simulator/sis/options.ts';
import { selfSigned } from '../net/self-signed.ts';
import { addresses, everything, openSisu, startUniversity } from './sisu-world.ts';

const files = mkdtempSync(join(tmpdir(), 'sluice-certificates-'));
afterAll(() => rmSync(files, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(files, name), text);
  return join(files, name);
}

describe('who asks', () => {
  const [server, client] = [selfSigned(), selfSigned()];
  const certificates = {
    SIS_CA_PATH: file('ca.pem', server.cert),
    KEY_PATH: file('key.pem', client.key),
    CERT_PATH: file('cert.pem', client.cert),
  };
  const tls = { ...server, clientCa: client.cert };

  test.each<[string, SisOptions, Record<string, string>]>([
    [
      'by name and password',
      { auth: { kind: 'basic', user: 'u', password: 'pä:ss' } },
      { SIS_API_USER: 'u', SIS_API_PASSWORD: 'pä:ss' },
    ],
    ['by a token', { auth: { kind: 'bearer', token: 'tok-1' } }, { PROXY_TOKEN: ' tok-1\n' }],
    [
      'by a key and a certificate',
      { auth: { kind: 'api-key', key: 'key-1' }, tls },
      { ...certificates, API_KEY: 'key-1', PROXY_TOKEN: 'not-used' },
    ],
    ['by a certificate alone', { tls }, certificates],
    ['by nothing', {}, {}],
  ])('is known %s, to exports and GraphQL', async (_name, options, env) => {
    const simulator = await startUniversity({ entities: 100, ...options });
    for (const id of ['PERSON', 'GRAPHQL_GRADE_SCALES', 'COUNTRY']) {
      const opened = await openSisu(id, { ...addresses(simulator), ...env });
      expect((await everything(opened)).length).toBeGreaterThan(0);
      expect(opened.traffic().requests).toBeGreaterThan(0);
    }
  });

  test('a server of one’s own CA is not trusted without it, and the hint says how', async () => {
    const simulator = await startUniversity({ entities: 10, tls: server });
    await expect(everything(await openSisu('PERSON', addresses(simulator)))).rejects.toMatchObject({
      code: 'source.certificate',
      hint: expect.stringContaining('SIS_CA_PATH'),
    });
  });

  test.each(['KEY_PATH', 'CERT_PATH', 'SIS_CA_PATH'])('%s that cannot be read is named', async (name) => {
    for (const path of [join(files, 'nowhere.pem'), folder(files)]) {
      const env = { SIS_API_URL: 'https://sis.example.org', ...certificates, [name]: path };
      await expect(openSisu('PERSON', env)).rejects.toMatchObject({
        name: 'SettingError',
        message: `${name} names a file that cannot be read: ${path}`,
      });
    }
  });

  test.each([
    [{ CERT_PATH: certificates.SIS_CA_PATH }, 'KEY_PATH and CERT_PATH name no key and its certificate'],
    [{ KEY_PATH: certificates.CERT_PATH }, 'KEY_PATH and CERT_PATH name no key and its certificate'],
    [{ SIS_CA_PATH: certificates.KEY_PATH }, 'SIS_CA_PATH names no certificate'],
  ])('%j that cannot be used is named', async (wrong, message) => {
    const env = { SIS_API_URL: 'https://sis.example.org', ...certificates, ...wrong };
    await expect(openSisu('PERSON', env)).rejects.toMatchObject({ name: 'SettingError', message });
  });
});

function folder(inside: string): string {
  const path = join(inside, 'a folder');
  mkdirSync(path, { recursive: true });
  return path;
}

describe('the addresses', () => {
  test.each(['PERSON', 'GRAPHQL_GRADE_SCALES'])('%s needs SIS_API_URL', async (id) => {
    for (const env of [{}, { SIS_API_URL: ' ' }]) {
      await expect(openSisu(id, env)).rejects.toMatchObject({
        name: 'SettingError',
        message: 'SIS_API_URL is not set',
        hint: 'put it into .env or the environment: SIS_API_URL=https://sis.example.org (/ori/api and the like are added to it)',
      });
    }
  });

  test.each(['sis.example.org', 'https://me:hunter22@sis.example.org', 'https://sis.example.org?x=1'])(
    '%s is none, and what is in it is not shown',
    async (address) => {
      const error: unknown = await openSisu('PERSON', { SIS_API_URL: address }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ name: 'SettingError', message: expect.stringMatching(/^SIS_API_URL /) });
      expect(JSON.stringify(error)).not.toContain('hunter22');
      await expect(openSisu('COUNTRY', { SIS_PUBLIC_URL: address })).rejects.toMatchObject({
        message: expect.stringMatching(/^SIS_PUBLIC_URL /),
      });
    },
  );

  test('codebooks and periods need none', async () => {
    for (const id of ['COUNTRY', 'CURRICULUM_PERIOD']) {
      expect((await openSisu(id, {})).kind).toBe('whole');
    }
  });

  test('another university is asked for by ROOT_ORG_ID', async () => {
    const asked: string[] = [];
    const simulator = await startUniversity({ entities: 0, onAnswer: ({ url }) => asked.push(url) });
    await everything(
      await openSisu('CURRICULUM_PERIOD', { ...addresses(simulator), ROOT_ORG_ID: 'tuni' }),
    ).catch(() => undefined);
    expect(asked).toEqual(['/kori/api/curriculum-periods?universityOrgId=tuni']);
  });
});
