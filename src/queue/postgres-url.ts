import { SettingError } from '../model/errors.ts';
import { unescapePart } from './url-escape.ts';

export interface PostgresTarget {
  readonly kind: 'postgres';
  /** `postgres://host:port/database` without credentials. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Encrypted, with the certificate checked: there is no encryption without the check. */
  readonly tls: boolean;
  readonly username: string;
  readonly password: string | undefined;
}

/** Reads a postgres:// or postgresql:// URL; `variable` is what an error calls it. Throws a SettingError without the value. */
export function postgresUrl(text: string, variable: string): PostgresTarget {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // An unescaped #, ? or / in a password ends the authority early: then the user name is missing, or the path is odd.
  if (!url?.hostname || url.hash || url.port === '0' || !/^\/[^/@]+$/.test(url.pathname))
    throw refused(`${variable} cannot be read as a postgres:// URL`);
  const username = unescapePart(url.username, variable);
  const database = unescapePart(url.pathname.slice(1), variable);
  if (username === undefined || database === undefined) throw refused(`${variable} names no user`);
  const port = url.port === '' ? 5432 : Number(url.port);
  return {
    kind: 'postgres',
    name: `postgres://${url.hostname}:${port}${url.pathname}`,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    database,
    tls: readTls(url.searchParams, variable),
    username,
    password: unescapePart(url.password, variable),
  };
}

function refused(what: string): SettingError {
  return new SettingError(
    what,
    'Expected postgres://user[:password]@host[:port]/database[?sslmode=require]; write special characters as %XX.',
  );
}

// libpq's `require` encrypts without looking at the certificate, `prefer` and `allow` may not encrypt at all
// (PostgreSQL, "SSL Support", table 34.1). Here encryption that was asked for is always whole.
function readTls(parameters: URLSearchParams, variable: string): boolean {
  const [[key, mode] = ['sslmode', 'disable'], ...others] = [...parameters];
  if (key !== 'sslmode' || others.length > 0) throw refused(`${variable} has a parameter other than sslmode`);
  if (mode === 'disable') return false;
  if (mode === 'require' || mode === 'verify-ca' || mode === 'verify-full') return true;
  throw new SettingError(
    `${variable} has an sslmode that Sluice does not offer`,
    'Write sslmode=require (encrypted, certificate checked) or sslmode=disable.',
  );
}
