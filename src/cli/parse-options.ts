import type { Entry } from '../model/entry.ts';
import { scheduleProblem } from '../schedule/cron.ts';
import type { Catalogue } from '../services/catalogue.ts';
import type { EntryFault } from '../services/contract.ts';
import type { ParseOptions } from '../state/parse.ts';

/** What entries must be beyond their form: a schedule that can be read, and what their services ask for. */
export function parseOptions(catalogue: Catalogue): Omit<ParseOptions, 'file'> {
  return { check: (entry) => fault(entry, catalogue), single: (entry) => catalogue.single(entry) };
}

function fault(entry: Entry, catalogue: Catalogue): EntryFault | undefined {
  if (entry.schedule !== undefined) {
    const problem = scheduleProblem(entry.schedule, entry.timezone);
    if (problem !== undefined) return { field: 'schedule', message: `cannot be read: ${problem}` };
  }
  return catalogue.check(entry);
}
