import { SettingError } from '../model/errors.ts';
import type { KnownStateEntry } from './known-entries.ts';

/**
 * Refuses a version of the file in which an entry cannot run that could before; what was wrong already is no fault of it.
 * Pure. @throws SettingError
 */
export function refuseFaults(before: readonly KnownStateEntry[], after: readonly KnownStateEntry[]): void {
  const known = new Set(before.flatMap(({ key, problem }) => (problem ? [`${key} ${problem.message}`] : [])));
  for (const { key, label, problem } of after) {
    if (problem && !known.has(`${key} ${problem.message}`)) {
      throw new SettingError(`${label} could not run like that: ${problem.message}`, 'nothing was written');
    }
  }
}
