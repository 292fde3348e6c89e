import type { Entry } from '../model/entry.ts';
import { sinkNames } from '../sink/registry.ts';
import type { EntryFault } from './contract.ts';

/** A page larger than the system gives. @param most records in one page */
export function itemsFault(entry: Entry, most: number, system: string): EntryFault | undefined {
  if (entry.items_per_request === undefined || entry.items_per_request <= most) return undefined;
  return { field: 'items_per_request', message: `must be at most ${most}: ${system} gives no larger pages` };
}

/** A sink that there is not. */
export function sinkFault(entry: Entry): EntryFault | undefined {
  if (entry.sink === undefined || sinkNames.includes(entry.sink)) return undefined;
  return { field: 'sink', message: `must be one of: ${sinkNames.map((name) => `"${name}"`).join(', ')}` };
}
