import { ConsumerError } from '../model/errors.ts';
import { visible } from '../model/visible.ts';
import { errorCode } from '../queue/sql.ts';

/**
 * What pg threw, by SQLSTATE (PostgreSQL, appendix A "Error Codes"), with one of these codes:
 * `consumer.conflict` - two writers met, at once again (retry);
 * `consumer.refused` - Postgres looked at the values and refuses them (skip), the message is its reason alone;
 * `consumer.no-tables` - the tables are gone, make them again (retry);
 * `consumer.away` - nothing to do with the values (retry), or not before a person has changed something (config).
 * @param name what errors call the database
 */
export function postgresFailure(thrown: unknown, name: string): ConsumerError {
  const code = errorCode(thrown) ?? '';
  const message = messageOf(thrown);
  if (isAboutValues(code)) return new ConsumerError(message, { code: 'consumer.refused', recovery: 'skip' });
  const known = failures.find(({ matches }) => matches(code, message));
  return new ConsumerError(`${name}: ${known ? `${known.what} (${message})` : message}`, {
    code: codes[code] ?? 'consumer.away',
    recovery: known?.recovery ?? 'retry',
    hint: known?.hint ?? 'Check that the database is up and reachable.',
  });
}

// serialization_failure, deadlock_detected; undefined_table, invalid_schema_name
const codes: Readonly<Record<string, string>> = {
  '40001': 'consumer.conflict',
  '40P01': 'consumer.conflict',
  '42P01': 'consumer.no-tables',
  '3F000': 'consumer.no-tables',
};

// Data exceptions, broken constraints, limits of size and depth, and what a trigger of the owner's raises.
function isAboutValues(code: string): boolean {
  return ['22', '23', '54'].includes(code.slice(0, 2)) || code === 'P0001';
}

interface Failure {
  readonly matches: (code: string, message: string) => boolean;
  readonly what: string;
  readonly hint: string;
  readonly recovery: 'retry' | 'config';
}

const failures: readonly Failure[] = [
  {
    // pg wants a password before it asks the server when none is given (SASL).
    matches: (code, message) => code.startsWith('28') || /client password must be/.test(message),
    what: 'the login is refused',
    hint: 'Check the user name and password in --to, and that pg_hba.conf lets this host in; where it asks for encryption, add ?sslmode=require.',
    recovery: 'config',
  },
  {
    matches: (code) => code === '3D000',
    what: 'there is no such database',
    hint: 'Correct the name in --to, or create the database: only the tables in it are made for you.',
    recovery: 'config',
  },
  {
    matches: (code) => code === '42501',
    what: 'the user lacks a right',
    hint: 'The user in --to needs CREATE on the schema the first time, and SELECT, INSERT, UPDATE and DELETE on its tables.',
    recovery: 'config',
  },
  {
    // Node's codes for certificates that do not hold (nodejs.org, "X509 certificate error codes").
    matches: (code, message) =>
      /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA/.test(code) ||
      /not support SSL/.test(message),
    what: 'there is no safe connection',
    hint: 'With sslmode the certificate is always checked; name a private authority in NODE_EXTRA_CA_CERTS.',
    recovery: 'config',
  },
  {
    matches: (code) => code === '25006',
    what: 'the server only reads',
    hint: 'It may be a standby: use the address of the primary.',
    recovery: 'retry',
  },
  {
    matches: (code) => code === '53300',
    what: 'the server has no connection left',
    hint: 'Raise max_connections, or find who holds so many.',
    recovery: 'retry',
  },
  {
    matches: (code) => code === '57014',
    what: 'a statement took too long',
    hint: 'Find who holds a lock on the tables (pg_stat_activity).',
    recovery: 'retry',
  },
  {
    matches: (code) => code.startsWith('42'),
    what: 'the tables are not as they were made',
    hint: 'Undo what was changed in them; further columns do no harm.',
    recovery: 'retry',
  },
];

// Only the message: the other parts of pg's errors hold whole rows (invariant 8).
function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return visible(String(thrown));
  // A host with several addresses: Node says of each in turn what was wrong with it, and of all together nothing.
  const first: unknown = thrown instanceof AggregateError ? thrown.errors[0] : undefined;
  return visible(thrown.message || (first instanceof Error ? first.message : thrown.name));
}
