import type { Kind } from './kinds.ts';

/** What stores a chunk, in this order and in one transaction (READ COMMITTED). Each takes one JSON array of rows. */
export interface Statements {
  /** Puts the rows in, as far as they are newer than what is there. */
  readonly store: string;
  /** Takes the rows of removed keys out again and leaves tombstones; only for kinds whose rows can be removed. */
  readonly settle: string | undefined;
}

/** The table that remembers the ordinal with which a key was removed. */
export const tombstones = 'sluice_tombstones';

/**
 * The statements for one kind of entity in a schema. Pure.
 *
 * A removal is put in like any other version first: that takes the lock of the key's row, new or old, also against
 * others who put the same key in at this moment. `settle` sees what they committed meanwhile, as each statement of a
 * READ COMMITTED transaction does (PostgreSQL, 13.2.1), and so an older version never stays beside a newer tombstone.
 * Rows are taken in the order of their keys, so that two consumers with the same keys wait instead of deadlocking.
 */
export function statementsFor(kind: Kind, schema: string): Statements {
  const table = `${quoted(schema)}.${quoted(kind.table)}`;
  const graves = `${quoted(schema)}.${tombstones}`;
  const columns = kind.key.map(({ column }) => column);
  const keys = columns.join(', ');
  const order = `ORDER BY ${columns.map((column) => `c.${column} COLLATE "C"`).join(', ')}`;
  const insert = `INSERT INTO ${table} AS t (${keys}, modification_ordinal, document_state, data)
    SELECT ${columns.map((column) => `c.${column}`).join(', ')}, c.ordinal, c.state, c.data FROM ${chunk(columns)}`;
  const replace = `DO UPDATE SET modification_ordinal = excluded.modification_ordinal,
      document_state = excluded.document_state, data = excluded.data, updated_at = now()`;

  switch (kind.keeps.versions) {
    case 'all':
      return {
        store: `${insert} ${order}, c.ordinal ON CONFLICT (${keys}, modification_ordinal) DO NOTHING`,
        settle: undefined,
      };
    case 'last-come':
      return {
        store: `${insert} ${order} ON CONFLICT (${keys}) ${replace}
          WHERE (t.data, t.document_state) IS DISTINCT FROM (excluded.data, excluded.document_state)`,
        settle: undefined,
      };
    case 'newest': {
      const newer = `ON CONFLICT (${keys}) ${replace} WHERE excluded.modification_ordinal > t.modification_ordinal`;
      if (kind.keeps.removedBy === 'nothing')
        return { store: `${insert} ${order} ${newer}`, settle: undefined };
      const buried = `g.table_name = '${kind.table}' AND g.key = c.name`;
      const same = columns.map((column) => `t.${column} = c.${column}`).join(' AND ');
      return {
        store: `${insert}
          WHERE NOT EXISTS (SELECT FROM ${graves} g WHERE ${buried} AND g.modification_ordinal >= c.ordinal)
          ${order} ${newer}`,
        settle: `WITH chunk AS (SELECT * FROM ${chunk(columns)}),
          removed AS (
            DELETE FROM ${table} t USING chunk c
             WHERE ${same} AND (
               c.removed AND t.modification_ordinal = c.ordinal AND t.document_state IS NOT DISTINCT FROM c.state
               OR EXISTS (
                 SELECT FROM ${graves} g WHERE ${buried} AND g.modification_ordinal >= t.modification_ordinal))
            RETURNING c.name, t.modification_ordinal),
          returned AS (
            DELETE FROM ${graves} g USING chunk c
             WHERE ${buried} AND NOT c.removed AND g.modification_ordinal < c.ordinal)
          INSERT INTO ${graves} AS g (table_name, key, modification_ordinal)
          SELECT '${kind.table}', name, modification_ordinal FROM removed
          ON CONFLICT (table_name, key) DO UPDATE
            SET modification_ordinal = excluded.modification_ordinal, updated_at = now()
            WHERE excluded.modification_ordinal > g.modification_ordinal`,
      };
    }
    default:
      return kind.keeps satisfies never;
  }
}

/** A name as SQL has it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function chunk(columns: readonly string[]): string {
  const fields = [...columns.map((column) => `${column} text`), 'name text', 'ordinal bigint'];
  return `json_to_recordset($1::json) AS c(${[...fields, 'state text', 'removed boolean', 'data jsonb'].join(', ')})`;
}
