import { assertSchemaCompatibility, LATEST_SCHEMA_VERSION, type PgQueryable, runMigrations } from 'bullmq';
import { z } from 'zod';
import { QueueError } from '../model/errors.ts';
import { MARKER_TABLE } from './postgres-tables.ts';
import type { Sql } from './sql.ts';

/**
 * Makes what a database lacks of BullMQ's schema and of the table of markers, and brings an older schema up to date
 * (bullmq 6.7, `runMigrations`). Several processes may do so at once. `client` has to be one connection, not a pool.
 * Resolves to what was done, in words, or undefined when nothing was missing.
 */
export async function prepareSchema(client: PgQueryable): Promise<string | undefined> {
  const sql: Sql = async (text, params) => (await client.query<unknown>(text, params)).rows;
  if (isComplete(await look(client, sql))) return undefined;
  await sql('SELECT pg_advisory_lock($1)', [PREPARE_LOCK]);
  try {
    const before = await look(client, sql);
    if (isComplete(before)) return undefined;
    if (before.version < LATEST_SCHEMA_VERSION) await runMigrations(client);
    await sql(
      `CREATE TABLE IF NOT EXISTS ${MARKER_TABLE} (run_id text PRIMARY KEY, put_at timestamptz NOT NULL DEFAULT now())`,
    );
    return describeChange(before);
  } finally {
    // Where this fails the connection is gone, and the lock with it.
    await sql('SELECT pg_advisory_unlock($1)', [PREPARE_LOCK]).catch(() => undefined);
  }
}

/** Rejects with a QueueError (recovery `config`) when `prepareSchema` could not do its work. Changes nothing. */
export async function checkDatabase(sql: Sql): Promise<void> {
  const found = await lookAtDatabase(sql);
  if ((found.bullmq && found.markers) || found.may_create) return;
  throw new QueueError('the user may not create the schema "bullmq", and it is not there yet', {
    code: 'queue.forbidden',
    recovery: 'config',
    hint: 'As the owner of the database: GRANT CREATE ON DATABASE ... TO the user in QUEUE_URL.',
  });
}

// Two processes that start at once: the second waits here, and then has nothing to do. ("SLUC" in ASCII)
const PREPARE_LOCK = 0x53_4c_55_43;

interface Found {
  /** 0 without a schema. */
  readonly version: number;
  readonly markers: boolean;
}

function isComplete({ version, markers }: Found): boolean {
  return version >= LATEST_SCHEMA_VERSION && markers;
}

async function look(client: PgQueryable, sql: Sql): Promise<Found> {
  const { bullmq, markers } = await lookAtDatabase(sql);
  // Throws when the server is too old, or the schema too new for this BullMQ.
  return { version: bullmq ? await assertSchemaCompatibility(client) : 0, markers };
}

const databaseRows = z.tuple([
  z.object({ bullmq: z.boolean(), markers: z.boolean(), may_create: z.boolean(), encoding: z.string() }),
]);

async function lookAtDatabase(sql: Sql) {
  const rows = await sql(
    `SELECT to_regclass('bullmq.migration') IS NOT NULL AS bullmq,
            to_regclass('${MARKER_TABLE}') IS NOT NULL AS markers,
            has_database_privilege(current_database(), 'CREATE') AS may_create,
            current_setting('server_encoding') AS encoding`,
  );
  const [found] = databaseRows.parse(rows);
  if (found.encoding === 'UTF8') return found;
  // Otherwise each record with a character that the encoding lacks would be refused.
  throw new QueueError(`the encoding of the database is ${found.encoding}, not UTF8`, {
    code: 'queue.unsuitable',
    recovery: 'config',
    hint: 'Name another database in QUEUE_URL, made with ENCODING UTF8.',
  });
}

function describeChange({ version }: Found): string {
  if (version === 0)
    return `created the schema "bullmq", with BullMQ's tables and functions and the table ${MARKER_TABLE}`;
  if (version < LATEST_SCHEMA_VERSION)
    return `brought the schema "bullmq" from version ${version} to ${LATEST_SCHEMA_VERSION}`;
  return `created the table ${MARKER_TABLE}`;
}
