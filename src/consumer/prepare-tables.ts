import { z } from 'zod';
import { SettingError } from '../model/errors.ts';
import type { Run } from './postgres-pool.ts';
import { quoted } from './statements.ts';
import { type Found, lookAtTables } from './table-check.ts';
import { createTable, tables } from './tables.ts';

export interface Prepared {
  /** The schema the tables are in. */
  readonly schema: string;
  /** How many tables were made. */
  readonly made: number;
}

/**
 * Makes the tables that are not there; several consumers may do so at once. Never changes a table that is there.
 * Throws a SettingError when a table of a needed name is somebody else's, or when there is no place for the tables.
 * @param schema made when it is absent; undefined is the connection's own (its search_path)
 */
export async function prepareTables(
  run: Run,
  database: string,
  schema: string | undefined,
): Promise<Prepared> {
  const place = await lookAtPlace(run);
  if (place.encoding !== 'UTF8')
    throw new SettingError(
      `${database} keeps text as ${place.encoding}, not UTF8`,
      'Name another database, made with ENCODING UTF8.',
    );
  const home = schema ?? place.schema;
  if (home === null)
    throw new SettingError(
      `${database} has no schema to put tables in`,
      'Name one, ?schema=NAME at the end of --to; it is made when it is not there.',
    );
  if (toMake(await look()).length === 0) return { schema: home, made: 0 };
  // Those who start at once wait here, and then find everything done.
  await run('SELECT pg_advisory_xact_lock($1)', [PREPARE_LOCK]);
  if (schema !== undefined) await makeSchema(run, schema);
  const missing = toMake(await look());
  for (const { table } of missing) await run(createTable(table, home));
  return { schema: home, made: missing.length };

  async function look(): Promise<readonly Found[]> {
    return await lookAtTables(run, home ?? '', tables);
  }

  function toMake(found: readonly Found[]): readonly Found[] {
    const foreign = found.filter((one) => one.kind === 'foreign');
    const [first] = foreign;
    if (first) throw refused(`${home}`, database, first, foreign.length - 1);
    return found.filter(({ kind }) => kind === 'missing');
  }
}

// "SLCO" in ASCII.
const PREPARE_LOCK = 0x53_4c_43_4f;

const placeSchema = z.tuple([z.object({ schema: z.string().nullable(), encoding: z.string() })]);

async function lookAtPlace(run: Run): Promise<{ schema: string | null; encoding: string }> {
  const { rows } = await run(
    `SELECT current_schema() AS schema, current_setting('server_encoding') AS encoding`,
  );
  return placeSchema.parse(rows)[0];
}

// CREATE SCHEMA IF NOT EXISTS asks for the right to create one even where it is there.
async function makeSchema(run: Run, schema: string): Promise<void> {
  const { rows } = await run('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
  if (rows.length === 0) await run(`CREATE SCHEMA ${quoted(schema)}`);
}

function refused(
  schema: string,
  database: string,
  { table, why }: Extract<Found, { kind: 'foreign' }>,
  others: number,
): SettingError {
  const more = others === 0 ? '' : `, and so are ${others} more`;
  return new SettingError(
    `${database}: the table ${schema}.${table.name} is not Sluice's: ${why}${more}`,
    'Sluice never changes a table that is there. Name a schema of its own, ?schema=sluice at the end of --to (it is made), or a new database.',
  );
}
