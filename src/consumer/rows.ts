import type { ChunkRecord } from './chunk.ts';
import type { Kind } from './kinds.ts';
import { isRemoval } from './winners.ts';

/** The rows of a chunk as the JSON array that `store` takes. A removal carries no data: its row does not stay. */
export function rowsToStore(kind: Kind, records: readonly ChunkRecord[]): string {
  return array(
    records.map((record) => row(kind, record, isRemoval(kind.keeps, record.state) ? '{}' : record.json)),
  );
}

/** The same rows without their data, for `settle`. */
export function rowsToSettle(kind: Kind, records: readonly ChunkRecord[]): string {
  return array(records.map((record) => row(kind, record, 'null')));
}

// The entities are JSON already; they are put in as they are.
function row(kind: Kind, { key, name, ordinal, state }: ChunkRecord, data: string): string {
  const columns = Object.fromEntries(kind.key.map(({ column }, index) => [column, key[index]]));
  const facts = JSON.stringify({ ...columns, name, ordinal, state, removed: isRemoval(kind.keeps, state) });
  return `${facts.slice(0, -1)},"data":${data}}`;
}

function array(rows: readonly string[]): string {
  return `[${rows.join(',')}]`;
}
