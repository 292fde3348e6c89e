import { allKinds, type Kind } from './kinds.ts';
import { quoted, tombstones } from './statements.ts';

/** A table that this consumer writes to: what it is made of, and how it is made. */
export interface Table {
  readonly name: string;
  /** Column to type, as `format_type` prints it. */
  readonly columns: ReadonlyMap<string, string>;
  /** The columns of the key that inserts rely on. */
  readonly key: readonly string[];
}

const moment = 'timestamp with time zone';

/** All tables of this consumer, under the old names (systems.md 5.1). */
export const tables: readonly Table[] = [
  ...allKinds.map(tableOf),
  {
    name: tombstones,
    columns: new Map([
      ['table_name', 'text'],
      ['key', 'text'],
      ['modification_ordinal', 'bigint'],
      ['created_at', moment],
      ['updated_at', moment],
    ]),
    key: ['table_name', 'key'],
  },
];

/** The statement that makes a table in a schema. */
export function createTable({ name, columns, key }: Table, schema: string): string {
  const lines = [...columns].map(([column, type]) => {
    // Byte order: the same on every system, and the fastest to compare.
    const collation = type === 'text' ? ' COLLATE "C"' : '';
    const standard = type === moment ? ' DEFAULT now()' : '';
    return `${column} ${type}${collation}${nullable.has(`${name}.${column}`) ? '' : ' NOT NULL'}${standard}`;
  });
  return `CREATE TABLE ${quoted(schema)}.${quoted(name)} (${[...lines, `PRIMARY KEY (${key.join(', ')})`].join(', ')})`;
}

/** Columns that an entity of the kind may lack. */
const nullable: ReadonlySet<string> = new Set([
  ...allKinds.map(({ table }) => `${table}.document_state`),
  ...allKinds
    .filter(({ keeps }) => keeps.versions === 'last-come')
    .map(({ table }) => `${table}.modification_ordinal`),
]);

function tableOf({ table, key, keeps }: Kind): Table {
  const keyColumns = key.map(({ column }) => column);
  const columns = new Map(keyColumns.map((column) => [column, 'text']));
  columns.set('modification_ordinal', 'bigint');
  columns.set('document_state', 'text');
  columns.set('data', 'jsonb');
  columns.set('created_at', moment);
  columns.set('updated_at', moment);
  return {
    name: table,
    columns,
    key: keeps.versions === 'all' ? [...keyColumns, 'modification_ordinal'] : keyColumns,
  };
}
