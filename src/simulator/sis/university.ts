import { SettingError } from '../../model/errors.ts';
import { scatter } from '../random.ts';
import { createChangeLog, type Change, type ChangeLog } from './change-log.ts';
import { createEntities, type SisRecord } from './entities.ts';
import type { Export } from './export-page.ts';
import { createHistory } from './history.ts';
import { createLife } from './life.ts';
import type { SisOptions } from './options.ts';
import { createLocalTime } from './local-time.ts';
import { createOrdinals } from './ordinals.ts';
import { resources } from './resources.ts';
import { exportServices, type ExportService } from './services.ts';
import { shareOut } from './sizes.ts';

/** Everything with an ordinal: 17 services that live by one clock. */
export interface University {
  /** The service as its export shows it now. */
  exported(service: ExportService): Export;
  /** The moment up to which everything has happened, epoch milliseconds; it never goes back. */
  now(): number;
  /** Adds a change of somebody's own. */
  add(service: ExportService, change: Omit<Change, 'at'>): SisRecord;
  /** From now on; 0 lets everything rest. */
  setChangesPerSecond(rate: number): void;
}

/** The ordinals of production exceed 248 million (systems.md 2.1). */
const firstOrdinal = 248_000_000;

/** `clock` tells epoch milliseconds; one that was put back is waited for. */
export function createUniversity(options: SisOptions, clock: () => number): University {
  const { seed = 1, poison = 0, shortPages = 5, emptyPages = 25, timeZone = 'UTC' } = options;
  const sizes = shareOut(options.entities ?? 1000);
  const local = createLocalTime(timeZone);
  let moment = clock();
  const start = moment;
  const logs = new Map<ExportService, ChangeLog>();
  const exports = new Map<ExportService, Export>();
  for (const [index, service] of exportServices.entries()) {
    const own = scatter(seed, index + 1);
    const { keepsVersions } = resources[service];
    const size = sizes.get(service) ?? 0;
    const log = createChangeLog({
      history: createHistory({ size, keepsVersions, seed: own, start }),
      ordinals: createOrdinals(firstOrdinal + index * 1000, own),
      size,
      keepsVersions,
    });
    logs.set(service, log);
    exports.set(service, {
      log,
      entities: createEntities(service, { seed, sizes, poison, local }),
      sinceName: options.sinceNames?.[service] ?? 'since',
      limits: { seed: own, shortPages, emptyPages },
    });
  }
  const life = createLife({
    logs,
    sizes,
    seed: scatter(seed, 100),
    changesPerSecond: options.changesPerSecond ?? 0,
    lateMs: options.lateMs ?? 0,
    start,
  });

  return {
    exported: find,
    now,
    add(service, change) {
      const { log, entities } = find(service);
      return entities.record(log.add({ ...change, at: now() }));
    },
    setChangesPerSecond: (rate) => life.setRate(rate, now()),
  };

  function find(service: ExportService): Export {
    const found = exports.get(service);
    if (!found)
      throw new SettingError(`there is no export ${service}`, `There is ${exportServices.join(', ')}.`);
    return found;
  }

  function now(): number {
    moment = Math.max(moment, clock());
    life.catchUp(moment);
    return moment;
  }
}
