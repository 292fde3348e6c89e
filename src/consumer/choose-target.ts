import type { Clock } from '../model/clock.ts';
import { SettingError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import { postgresUrl } from '../queue/postgres-url.ts';
import { createModuleTarget } from './module.ts';
import { createNdjsonTarget } from './ndjson.ts';
import { createPostgresTarget } from './postgres.ts';
import type { Target } from './target.ts';

export interface TargetOptions {
  /** How many chunks are stored at once. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly emit: Emit;
}

/**
 * The target that a `--to` names; nothing is opened yet.
 * Throws a SettingError, whose text never holds the value, as that may hold a password.
 */
export function chooseTarget(to: string, options: TargetOptions): Target {
  const scheme = /^([a-z]+):/i.exec(to)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'postgres':
    case 'postgresql':
      return createPostgresTarget({ ...readPostgres(to), ...options });
    case 'ndjson':
      return createNdjsonTarget({ path: pathIn(to), ...options });
    case 'module':
      return createModuleTarget(pathIn(to));
    default:
      throw new SettingError(
        '--to names nothing that Sluice can store in',
        'Expected postgres://user@host/database, ndjson:FILE or module:FILE.',
      );
  }
}

/** The `schema` of a postgres:// URL is ours; the rest is as in every other one. */
function readPostgres(to: string) {
  if (!URL.canParse(to)) return { target: postgresUrl(to, '--to'), schema: undefined };
  const url = new URL(to);
  const schemas = url.searchParams.getAll('schema');
  url.searchParams.delete('schema');
  const [schema] = schemas;
  // Postgres cuts names at 63 bytes and keeps pg_ for itself.
  if (schemas.length > 1 || (schema !== undefined && !/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/.test(schema)))
    throw new SettingError(
      '--to has a schema that cannot be used',
      'Expected ?schema=NAME once, with small letters, digits and _, for example ?schema=sluice.',
    );
  return { target: postgresUrl(url.href, '--to'), schema };
}

function pathIn(to: string): string {
  const path = to.slice(to.indexOf(':') + 1);
  if (path.trim() !== '') return path;
  throw new SettingError('--to names no file', 'Expected ndjson:FILE or module:FILE.');
}
