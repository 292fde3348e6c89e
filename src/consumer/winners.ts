import type { ChunkRecord } from './chunk.ts';
import type { Keeping } from './kinds.ts';

/**
 * What of a chunk is to be stored: of several versions of a key the greatest ordinal, the first of equal ones; of
 * snapshots every version once; without ordinals the last. Pure.
 */
export function winners(keeps: Keeping, records: readonly ChunkRecord[]): ChunkRecord[] {
  const found = new Map<string, ChunkRecord>();
  for (const record of records) {
    if (isSkipped(keeps, record.state)) continue;
    const slot = keeps.versions === 'all' ? `${record.ordinal} ${record.name}` : record.name;
    const rival = found.get(slot);
    if (!rival || beats(keeps, record, rival)) found.set(slot, record);
  }
  return [...found.values()];
}

/** Whether an entity in this state takes its row away. */
export function isRemoval(keeps: Keeping, state: ChunkRecord['state']): boolean {
  if (keeps.versions !== 'newest') return false;
  switch (keeps.removedBy) {
    case 'inactive':
      return state !== 'ACTIVE';
    case 'deleted':
      return state === 'DELETED';
    case 'nothing':
      return false;
    default:
      return keeps.removedBy satisfies never;
  }
}

function beats(keeps: Keeping, record: ChunkRecord, rival: ChunkRecord): boolean {
  switch (keeps.versions) {
    case 'newest':
      return (record.ordinal ?? 0) > (rival.ordinal ?? 0);
    case 'all':
      return false;
    case 'last-come':
      return true;
    default:
      return keeps satisfies never;
  }
}

function isSkipped(keeps: Keeping, state: ChunkRecord['state']): boolean {
  return keeps.versions === 'last-come' && keeps.skips === 'inactive' && state !== null && state !== 'ACTIVE';
}
