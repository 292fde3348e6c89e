import type { Client } from 'pg';
import type { ExportService } from '../../src/simulator/sis/services.ts';
import type { SisSimulator } from '../../src/simulator/sis/sis.ts';
import type { LateChanges } from './sisu-late.ts';
import { isPoisoned, spellKey, storedOrdinals } from './sisu-tables.ts';

export interface AheadParts {
  readonly simulator: SisSimulator;
  readonly client: Client;
  /** `latest_ordinal` of each service in the file, now. */
  readonly ordinals: () => Readonly<Record<string, number>>;
  /** What may be missing: a change that came to light behind an ordinal is the next run's. */
  readonly late?: LateChanges;
}

/**
 * Every entity of a service at or before its `latest_ordinal` that Postgres has neither in its newest version, nor in a
 * newer one, nor as removed (invariant 1). The poisoned ones are left out: they can be nothing but dead letters.
 */
export async function aheadOf(
  service: ExportService,
  { simulator, client, ordinals, late }: AheadParts,
): Promise<string[]> {
  // In this order: what is stored can only grow after the ordinal was seen.
  const reached = ordinals()[service] ?? 0;
  if (reached === 0) return [];
  const wanted = new Map<string, number>();
  for (const record of simulator.newest(service)) {
    if (record.ordinal > reached) break;
    if (!isPoisoned(record) && late?.isLate(service, record) !== true)
      wanted.set(spellKey(record.key), record.ordinal);
  }
  const stored = await storedOrdinals(service, client);
  return [...wanted]
    .filter(([key, ordinal]) => (stored.get(key) ?? -1) < ordinal)
    .map(([key, ordinal]) => `${service} stands at ${reached}, but ${key} of ${ordinal} is not stored`);
}
