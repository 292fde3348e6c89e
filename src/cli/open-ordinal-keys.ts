import { createOrdinalKeys } from '../controller/ordinal-keys.ts';
import type { Clock } from '../model/clock.ts';
import type { Emit } from '../model/events.ts';
import type { OrdinalKeys } from '../model/ordinal-keys.ts';
import { chooseOrdinalKeys, openOrdinalKeys } from '../queue/ordinal-keys.ts';
import { sisuServices } from '../services/sisu.ts';

const keys: ReadonlyMap<string, string> = new Map(sisuServices.map(({ id, redisKey }) => [id, redisKey]));

export interface OpenKeysParts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly emit: Emit;
}

/** The old importer's keys; undefined where there is no Redis that could hold them (S16). @throws SettingError */
export function openKeys({ env, clock, emit }: OpenKeysParts): OrdinalKeys | undefined {
  const target = chooseOrdinalKeys(env);
  if (!target) return undefined;
  const store = openOrdinalKeys(target, { clock });
  const ordinalKeys = createOrdinalKeys({ store, keyOf: (service) => keys.get(service), clock, emit });
  return {
    ...ordinalKeys,
    async close() {
      await ordinalKeys.close();
      await store.close();
    },
  };
}
