import { createChurn } from '../churn.ts';
import { createRandom } from '../random.ts';
import type { ChangeLog } from './change-log.ts';
import type { DocumentState } from './history.ts';
import { exportServices, type ExportService } from './services.ts';
import type { Sizes } from './sizes.ts';

/** What happens by itself. */
export interface Life {
  /** Lets everything happen that was due at `now`, epoch milliseconds, which may only grow. */
  catchUp(now: number): void;
  /** Another rate from `now` on; 0 lets everything rest. */
  setRate(changesPerSecond: number, now: number): void;
}

export interface LifeOptions {
  readonly logs: ReadonlyMap<ExportService, ChangeLog>;
  /** How the changes are shared out among the services. */
  readonly sizes: Sizes;
  readonly seed: number;
  readonly changesPerSecond: number;
  readonly lateMs: number;
  readonly start: number;
}

/** Of ten changes eight are new versions, one in sixteen of them a draft, one is a deletion and one a new entity. */
const shares = { changesPerSecond: 0.8, departuresPerSecond: 0.1, joinsPerSecond: 0.1 };

/** Depends on seed, rates and clock alone, whoever looks and however often. */
export function createLife({ logs, sizes, seed, lateMs, start, changesPerSecond }: LifeOptions): Life {
  const random = createRandom(seed);
  const all = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let churn = churnFrom(changesPerSecond, start);

  return {
    catchUp: (now) => churn(now),
    setRate(rate, now) {
      churn(now);
      churn = churnFrom(rate, now);
    },
  };

  function churnFrom(rate: number, from: number): (until: number) => void {
    const rates = {
      changesPerSecond: rate * shares.changesPerSecond,
      departuresPerSecond: rate * shares.departuresPerSecond,
      joinsPerSecond: rate * shares.joinsPerSecond,
    };
    // Without entities there is no telling which service lives.
    if (all === 0) return () => {};
    return createChurn(rates, from, (kind, at) => {
      const log = logs.get(someService());
      if (!log) return;
      const number = kind === 'join' ? undefined : someEntity(log);
      const draft = random() < 1 / 16;
      const state: DocumentState = kind === 'departure' ? 'DELETED' : draft ? 'DRAFT' : 'ACTIVE';
      const late = random() < 1 / 4 ? Math.ceil(random() * lateMs) : 0;
      log.add({ number, state, at, lateMs: late });
    });
  }

  function someService(): ExportService {
    let left = random() * all;
    for (const service of exportServices) {
      left -= sizes.get(service) ?? 0;
      if (left < 0) return service;
    }
    return 'PERSON';
  }

  /** One time in three an entity that has just changed: keys that return soon are what breaks readers. */
  function someEntity(log: ChangeLog): number {
    const recent = random() < 1 / 3 ? log.recent(Math.floor(random() * 32)) : undefined;
    return recent ?? Math.floor(random() * log.everMade());
  }
}
