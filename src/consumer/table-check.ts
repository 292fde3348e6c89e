import { z } from 'zod';
import type { Run } from './postgres-pool.ts';
import type { Table } from './tables.ts';

/** How a table that this consumer needs is there. */
export type Found =
  | { readonly kind: 'missing'; readonly table: Table }
  | { readonly kind: 'fits'; readonly table: Table }
  /** Somebody else's. */
  | { readonly kind: 'foreign'; readonly table: Table; readonly why: string };

/** Looks at the tables in a schema; changes nothing. Columns and indexes that somebody added are no reason to refuse. */
export async function lookAtTables(
  run: Run,
  schema: string,
  tables: readonly Table[],
): Promise<readonly Found[]> {
  const { rows } = await run(LOOK, [schema, tables.map(({ name }) => name)]);
  const there = new Map(foundSchema.parse(rows).map((row) => [row.name, row]));
  return tables.map((table) => {
    const row = there.get(table.name);
    if (!row) return { kind: 'missing', table };
    const why = mismatch(table, row);
    return why === undefined ? { kind: 'fits', table } : { kind: 'foreign', table, why };
  });
}

const foundSchema = z.array(
  z.object({
    name: z.string(),
    is_table: z.boolean(),
    columns: z.record(z.string(), z.object({ type: z.string(), needed: z.boolean() })),
    keys: z.array(z.array(z.string())),
  }),
);

// `needed`: an insert without this column would fail.
const LOOK = `
  SELECT c.relname AS name,
         c.relkind IN ('r', 'p') AS is_table,
         (SELECT coalesce(jsonb_object_agg(a.attname, jsonb_build_object(
                   'type', format_type(a.atttypid, a.atttypmod),
                   'needed', a.attnotnull AND NOT a.atthasdef AND a.attidentity = '')), '{}')
            FROM pg_attribute a
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
         (SELECT coalesce(jsonb_agg(
                   (SELECT jsonb_agg(a.attname) FROM pg_attribute a
                     WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey))), '[]')
            FROM pg_index i
           WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid
             AND i.indpred IS NULL AND i.indexprs IS NULL) AS keys
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind <> 'i'`;

function mismatch(table: Table, found: z.output<typeof foundSchema>[number]): string | undefined {
  if (!found.is_table) return 'it is no table';
  const lacking = [...table.columns.keys()].filter((column) => !Object.hasOwn(found.columns, column));
  if (lacking.length > 0) return `it has no ${lacking.join(', ')}`;
  for (const [column, type] of table.columns) {
    const other = found.columns[column]?.type;
    if (other !== type) return `its ${column} is ${other}, not ${type}`;
  }
  const further = Object.entries(found.columns).find(
    ([column, { needed }]) => needed && !table.columns.has(column),
  );
  if (further) return `its ${further[0]} must be filled in`;
  const wanted = table.key.toSorted().join();
  if (!found.keys.some((columns) => columns.toSorted().join() === wanted))
    return `${table.key.join(', ')} is no unique key of it`;
  return undefined;
}
