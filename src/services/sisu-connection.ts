import { readFileSync } from 'node:fs';
import { SettingError } from '../model/errors.ts';
import { type ClientCertificate, type TlsOptions, createSecure } from '../net/tls.ts';
import type { Attempt } from '../net/traffic.ts';
import { baseAddress } from '../source/base-address.ts';
import type { SisConnection } from '../source/sis-ask.ts';
import { type SisCredentials, exportAuth, graphqlAuth, publicAuth } from '../source/sis-auth.ts';
import type { SourceContext } from './contract.ts';

type Env = SourceContext['env'];

export interface ConnectOptions extends SourceContext {
  readonly onAttempt: (attempt: Attempt) => void;
}

/**
 * How the settings say that SISU is asked: its exports, its GraphQL, or what is open to everyone. Certificates are
 * read anew each time, so a renewed one counts from the next run on.
 * Throws a SettingError that names the setting: an address that is missing or none, a file that cannot be read, a
 * certificate that cannot be used.
 */
export function connectSisu(
  use: 'export' | 'graphql' | 'public',
  { env, client, quotas, onAttempt }: ConnectOptions,
): SisConnection {
  const tools = { ca: trusted(env), client, quotas, onAttempt };
  switch (use) {
    case 'export':
      return { ...ownBase(env), auth: exportAuth(credentials(env)), ...tools };
    case 'graphql':
      return { ...ownBase(env), auth: graphqlAuth(credentials(env)), ...tools };
    case 'public':
      return { ...publicBase(env), auth: publicAuth, ...tools };
    default:
      return use satisfies never;
  }
}

/** ROOT_ORG_ID, or the old importer's (systems.md 11). */
export function rootOrganisation(env: Env): string {
  return setting(env, 'ROOT_ORG_ID') ?? 'hy-university-root-id';
}

function ownBase(env: Env): Pick<SisConnection, 'base' | 'baseSetting'> {
  const address = setting(env, 'SIS_API_URL');
  const example = 'https://sis.example.org (/ori/api and the like are added to it)';
  if (address === undefined) {
    throw new SettingError(
      'SIS_API_URL is not set',
      `put it into .env or the environment: SIS_API_URL=${example}`,
    );
  }
  return { base: baseAddress(address, { setting: 'SIS_API_URL', example }), baseSetting: 'SIS_API_URL' };
}

// The old importer asked these of Helsinki's SISU whatever SIS_API_URL was (systems.md 2.4).
function publicBase(env: Env): Pick<SisConnection, 'base' | 'baseSetting'> {
  const example = 'https://sisu.helsinki.fi';
  const address = setting(env, 'SIS_PUBLIC_URL') ?? example;
  return {
    base: baseAddress(address, { setting: 'SIS_PUBLIC_URL', example }),
    baseSetting: 'SIS_PUBLIC_URL',
  };
}

function credentials(env: Env): SisCredentials {
  return {
    user: setting(env, 'SIS_API_USER'),
    password: setting(env, 'SIS_API_PASSWORD'),
    token: setting(env, 'PROXY_TOKEN'),
    apiKey: setting(env, 'API_KEY'),
    client: clientCertificate(env),
  };
}

function clientCertificate(env: Env): ClientCertificate | undefined {
  const [key, cert] = ['KEY_PATH', 'CERT_PATH'].map((name) => readPem(env, name));
  if (key === undefined || cert === undefined) return undefined;
  return proven({ client: { key, cert } }, 'KEY_PATH and CERT_PATH name no key and its certificate').client;
}

function trusted(env: Env): string | undefined {
  const ca = readPem(env, 'SIS_CA_PATH');
  return ca === undefined ? undefined : proven({ ca }, 'SIS_CA_PATH names no certificate').ca;
}

function proven<T extends TlsOptions>(options: T, problem: string): T {
  try {
    createSecure(options);
    return options;
  } catch (error) {
    throw new SettingError(
      problem,
      'PEM files that belong together are expected, the key without a password',
      error,
    );
  }
}

function readPem(env: Env, name: string): string | undefined {
  const path = setting(env, name);
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SettingError(
      `${name} names a file that cannot be read: ${path}`,
      'check the path and who may read it',
      error,
    );
  }
}

/** Undefined where nothing but blanks is set. */
function setting(env: Env, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}
