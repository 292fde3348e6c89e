import { SettingError } from '../model/errors.ts';
import { type PostgresTarget, postgresUrl } from './postgres-url.ts';
import { unescapePart } from './url-escape.ts';

/** What a queue URL asks for. `name` is safe to show; a password is in `password` and nowhere else. */
export type QueueTarget = EmbeddedTarget | RedisTarget | PostgresTarget;

export interface EmbeddedTarget {
  readonly kind: 'embedded';
  readonly name: 'embedded:';
}

export interface RedisTarget {
  readonly kind: 'redis';
  /** `redis://host:port/db` without credentials. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Picks the queue from the environment: `QUEUE_URL`, else `REDIS_URL`, else `REDIS_HOST` (and `REDIS_PORT`, 6379),
 * else `embedded:`. An empty variable counts as absent.
 * Throws a SettingError whose text never holds the value, as that may hold a password.
 */
export function chooseQueue(env: Environment): QueueTarget {
  for (const variable of ['QUEUE_URL', 'REDIS_URL']) {
    const url = env[variable]?.trim();
    if (url) return parseQueueUrl(url, variable);
  }
  const host = env['REDIS_HOST']?.trim();
  if (host) return redisHost(host, env['REDIS_PORT']?.trim() || '6379');
  return { kind: 'embedded', name: 'embedded:' };
}

/** Reads one queue URL; `variable` is what an error calls it. Throws a SettingError. */
export function parseQueueUrl(text: string, variable = 'QUEUE_URL'): QueueTarget {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'embedded':
      if (text.slice('embedded:'.length).replaceAll('/', '') !== '')
        throw new SettingError(
          `${variable} has something after "embedded:"`,
          'Write just "embedded:"; the data is kept in the state folder, in queue/.',
        );
      return { kind: 'embedded', name: 'embedded:' };
    case 'redis':
    case 'rediss':
      return redisUrl(text, variable, scheme === 'rediss');
    case 'postgres':
    case 'postgresql':
      return postgresUrl(text, variable);
    default:
      throw new SettingError(
        `${variable} is not a queue Sluice knows`,
        'Expected embedded:, redis://host:port, rediss://host:port or postgres://user@host/database.',
      );
  }
}

function redisUrl(text: string, variable: string, tls: boolean): RedisTarget {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // An unescaped #, ? or / in a password ends the authority early: it shows up as one of these.
  if (!url?.hostname || url.search || url.hash)
    throw new SettingError(
      `${variable} cannot be read as a ${tls ? 'rediss' : 'redis'}:// URL`,
      'Expected redis://[user:password@]host[:port][/db]; write special characters of a password as %XX.',
    );
  const db = url.pathname.replace(/^\//, '') || '0';
  if (!/^\d{1,4}$/.test(db))
    throw new SettingError(
      `${variable} has a path that is no database number`,
      'Expected redis://host:port/db with db such as 0; write a / in a password as %2F.',
    );
  return redisTarget({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    db: Number(db),
    tls,
    username: unescapePart(url.username, variable),
    password: unescapePart(url.password, variable),
  });
}

function redisHost(host: string, port: string): RedisTarget {
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    throw new SettingError(
      'REDIS_PORT is not a port',
      'Expected a number from 1 to 65535, for example 6379.',
    );
  if (/[\s/@?#]/.test(host))
    throw new SettingError('REDIS_HOST is not a host name', 'Use REDIS_URL or QUEUE_URL for a whole URL.');
  return redisTarget({
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port),
    db: 0,
    tls: false,
    username: undefined,
    password: undefined,
  });
}

function redisTarget(parts: Omit<RedisTarget, 'kind' | 'name'>): RedisTarget {
  const host = parts.host.includes(':') ? `[${parts.host}]` : parts.host;
  const db = parts.db === 0 ? '' : `/${parts.db}`;
  return {
    kind: 'redis',
    name: `${parts.tls ? 'rediss' : 'redis'}://${host}:${parts.port}${db}`,
    ...parts,
  };
}
