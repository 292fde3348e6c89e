import type { SisOptions } from './options.ts';
import { resources } from './resources.ts';
import { exportServices, type ExportService } from './services.ts';

/** How many entities each service starts with. */
export type Sizes = ReadonlyMap<ExportService, number>;

/** A number is shared out by weight, and comes out exactly in all. */
export function shareOut(entities: NonNullable<SisOptions['entities']>): Sizes {
  if (typeof entities !== 'number') {
    return new Map(exportServices.map((service) => [service, entities[service] ?? 0]));
  }
  const whole = exportServices.reduce((sum, service) => sum + resources[service].weight, 0);
  let weight = 0;
  let given = 0;
  return new Map(
    exportServices.map((service) => {
      weight += resources[service].weight;
      const size = Math.floor((entities * weight) / whole) - given;
      given += size;
      return [service, size];
    }),
  );
}
