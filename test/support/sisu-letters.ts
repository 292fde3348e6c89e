import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { exportServices } from '../../src/simulator/sis/services.ts';
import type { SisSimulator } from '../../src/simulator/sis/sis.ts';
import { isPoisoned } from './sisu-tables.ts';
import type { Letter } from './sisu-world.ts';

const payloadSchema = z.looseObject({ testError: z.literal(true) });

/**
 * What is wrong with the dead letters, in words: each poisoned entity is to be one in its newest version, with the reason
 * that tells what is wrong with which entity, and no other entity may be one.
 */
export function letterFaults(simulator: SisSimulator, letters: readonly Letter[]): string[] {
  const found: string[] = [];
  const byEntity = Map.groupBy(letters, ({ service, key }) => nameOf(service, parts(key ?? '')));
  for (const { service, key, reason, payload } of letters) {
    const [first = ''] = parts(key ?? '');
    if (!payloadSchema.safeParse(payload).success) found.push(`${service}: ${key} is not poisoned`);
    if (!reason.includes(first) || !reason.includes('has a testError'))
      found.push(`${service}: ${key} is dead because "${reason}"`);
  }
  for (const service of exportServices) {
    for (const record of simulator.newest(service)) {
      if (!isPoisoned(record)) continue;
      const value: unknown = JSON.parse(JSON.stringify(record.value));
      const own = byEntity.get(nameOf(service, record.key)) ?? [];
      if (!own.some(({ payload }) => isDeepStrictEqual(payload, value)))
        found.push(`${service}: ${record.key.join(' ')} of ${record.ordinal} is no dead letter`);
    }
  }
  return found;
}

/** How many entities the letters are about: one that changed may be dead in several versions. */
export function deadEntities(letters: readonly Letter[]): number {
  return new Set(letters.map(({ service, key }) => nameOf(service, parts(key ?? '')))).size;
}

const keySchema = z.array(z.union([z.string(), z.number()]));

/** A key of several parts is a JSON array, of strings but for a version's ordinal. */
function parts(key: string): readonly string[] {
  return key.startsWith('[') ? keySchema.parse(JSON.parse(key)).map(String) : [key];
}

function nameOf(service: string, key: readonly string[]): string {
  return JSON.stringify([service, ...key]);
}
