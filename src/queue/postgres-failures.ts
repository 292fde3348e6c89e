import type { KnownFailure } from './known-failure.ts';

/** What a Postgres server answers, by SQLSTATE (PostgreSQL, appendix A "Error Codes"), and what pg says of connections. */
export const postgresFailures: readonly KnownFailure[] = [
  {
    // pg wants a password before it asks the server when none is given (SASL).
    matches: ({ code, message }) =>
      code === '28P01' || code === '28000' || /client password must be/.test(message),
    what: 'the login is refused',
    code: 'queue.unauthorized',
    recovery: 'config',
    hint: 'Check the user name and password in QUEUE_URL, and that pg_hba.conf lets this host in; where it asks for encryption, add ?sslmode=require.',
  },
  {
    matches: ({ code }) => code === '3D000',
    what: 'there is no such database',
    code: 'queue.no-database',
    recovery: 'config',
    hint: 'Correct the name at the end of QUEUE_URL, or create the database: only the schema in it is made for you.',
  },
  {
    matches: ({ code }) => code === '42501',
    what: 'the user lacks a right',
    code: 'queue.forbidden',
    recovery: 'config',
    hint: 'The user in QUEUE_URL needs CREATE (the first time, and for upgrades) and TEMPORARY on the database, and to own the schema "bullmq".',
  },
  {
    matches: ({ code, message }) => untrusted.has(code ?? '') || /not support SSL/.test(message),
    what: 'there is no safe connection',
    code: 'queue.tls',
    recovery: 'config',
    hint: 'With sslmode the certificate is always checked; name a private authority in NODE_EXTRA_CA_CERTS. Without sslmode the connection is not encrypted.',
  },
  {
    matches: ({ code, message }) => code === '08P01' && /startup parameter/.test(message),
    what: 'this is a connection pooler, which BullMQ cannot use',
    code: 'queue.unsuitable',
    recovery: 'config',
    hint: 'Use the address of the database itself.',
  },
  {
    matches: ({ code }) => code === '25006',
    what: 'the server only reads',
    code: 'queue.read-only',
    recovery: 'retry',
    hint: 'It may be a standby: use the address of the primary.',
  },
  {
    matches: ({ code }) => code === '53300',
    what: 'the server has no connection left',
    code: 'queue.busy',
    recovery: 'retry',
    hint: 'Raise max_connections, or find who holds so many.',
  },
  {
    matches: ({ name }) => ['UnsupportedPostgresVersionError', 'SchemaVersionMismatchError'].includes(name),
    what: 'this is not a Postgres that this BullMQ can use',
    code: 'queue.unsuitable',
    recovery: 'stop',
    hint: 'Use PostgreSQL 14 or newer, and a schema "bullmq" that no later version of BullMQ has changed.',
  },
  {
    // Class 42: a statement that does not fit what is there. What is merely missing is made at the next try.
    matches: ({ code = '' }) => code.startsWith('42') && !missing.has(code),
    what: 'the schema "bullmq" holds something else than BullMQ put there',
    code: 'queue.unsuitable',
    recovery: 'stop',
    hint: 'Look at the schema "bullmq": rename it if it is not BullMQ\'s, or name another database in QUEUE_URL.',
  },
];

/** No such table, function or schema. */
export const missing: ReadonlySet<string> = new Set(['42P01', '42883', '3F000']);

// Node's codes for certificates that do not hold (nodejs.org, "X509 certificate error codes").
const untrusted: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
