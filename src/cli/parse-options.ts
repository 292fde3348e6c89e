import type { Entry } from '../model/entry.ts';
import { scheduleProblem } from '../schedule/cron.ts';
import type { Catalogue } from '../services/catalogue.ts';
import type { EntryFault } from '../services/contract.ts';

/** What an entry must be beyond its form: a schedule that can be read, and what its service asks for. */
export function entryCheck(catalogue: Catalogue): (entry: Entry) => EntryFault | undefined {
  return (entry) => {
    if (entry.schedule !== undefined) {
      const problem = scheduleProblem(entry.schedule, entry.timezone);
      if (problem !== undefined) return { field: 'schedule', message: `cannot be read: ${problem}` };
    }
    return catalogue.check(entry);
  };
}
