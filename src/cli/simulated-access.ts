import { readFile } from 'node:fs/promises';
import { SettingError } from '../model/errors.ts';
import type { SisAuth, SisTls } from '../simulator/sis/options.ts';

/**
 * What `--auth` asks for, and what a client has to be told (systems.md 2.2).
 * @throws SettingError for a kind that is not
 */
export function readAuth(kind: string): { auth: SisAuth; environment: Readonly<Record<string, string>> } {
  const word = 'simulator';
  switch (kind) {
    case 'none':
      return { auth: { kind }, environment: {} };
    case 'basic':
      return {
        auth: { kind, user: word, password: word },
        environment: { SIS_API_USER: word, SIS_API_PASSWORD: word },
      };
    case 'bearer':
      return { auth: { kind, token: word }, environment: { PROXY_TOKEN: word } };
    case 'api-key':
      return { auth: { kind, key: word }, environment: { API_KEY: word } };
    default:
      throw new SettingError(`--auth "${kind}": no such kind`, 'expected none, basic, bearer or api-key');
  }
}

/**
 * The key, the certificate and the authority of https, when files are named.
 * @throws SettingError for a file that is missing or cannot be read
 */
export async function readTls(files: {
  readonly key?: string | undefined;
  readonly cert?: string | undefined;
  readonly 'client-ca'?: string | undefined;
}): Promise<SisTls | undefined> {
  const { key, cert, 'client-ca': clientCa } = files;
  if (key === undefined && cert === undefined && clientCa === undefined) return undefined;
  if (key === undefined || cert === undefined) {
    throw new SettingError(
      'https takes both --key and --cert',
      'name the PEM files, or leave out all of them',
    );
  }
  return {
    key: await readPem('--key', key),
    cert: await readPem('--cert', cert),
    ...(clientCa === undefined ? {} : { clientCa: await readPem('--client-ca', clientCa) }),
  };
}

async function readPem(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SettingError(`${option} ${path} cannot be read`, 'name a PEM file', cause);
  }
}
