import { SettingError } from '../../model/errors.ts';
import type { Contents } from './contents.ts';
import type { SisRecord } from './entities.ts';
import type { DocumentState } from './history.ts';
import { isExportService, oneTimeServices, type ExportService, type SisService } from './services.ts';
import type { University } from './university.ts';

/** A look behind the API, and a hand on what is there. All throw SettingError for a service or a key that is not. */
export interface SisBook {
  /**
   * What a full read of the service would give at this moment, in the order of ordinals: the newest version of each
   * entity that can be seen, deleted ones included; of snapshots every version. Made while it is asked for.
   */
  newest(service: SisService): Generator<SisRecord, void>;
  /** Changes an entity now, or makes a new one, and returns it. */
  change(service: ExportService, change?: SisChange): SisRecord;
  /** Changes the content of a service without ordinals: one entry gets another name, one is added. */
  revise(service: SisService): void;
  /** Whether GraphQL answers with `errors`, from now on. */
  failGraphql(fails: boolean): void;
  /** Another rate of changes from now on; 0 lets everything rest, and late ones appear in their time. */
  setChangesPerSecond(rate: number): void;
}

export interface SisChange {
  /** A key as `newest` gives it; of snapshots the id alone will do. Left out: a new entity. */
  readonly key?: readonly string[];
  /** Default ACTIVE. */
  readonly documentState?: DocumentState;
  /** The change has its ordinal now and can be seen only so many milliseconds later. Default 0. */
  readonly lateMs?: number;
}

/** Opens the book of what the API answers from. */
export function createSisBook(university: University, contents: Contents): SisBook {
  return {
    *newest(service) {
      if (!isExportService(service)) {
        yield* contents.records(service);
        return;
      }
      const { log, entities } = university.exported(service);
      for (const version of log.after(0, university.now())) yield entities.record(version);
    },
    change(service, { key, documentState = 'ACTIVE', lateMs = 0 } = {}) {
      const { entities, log } = university.exported(service);
      const number = key && entities.numberOf(key);
      if (key && (number === undefined || number >= log.everMade())) {
        throw new SettingError(`${service} has no entity ${key.join(', ')}`, 'Take a key from newest().');
      }
      return university.add(service, { number, state: documentState, lateMs });
    },
    revise(service) {
      const found = oneTimeServices.find((one) => one === service);
      if (found === undefined) {
        const hint = `Only ${oneTimeServices.join(', ')} can; use change() for the others.`;
        throw new SettingError(`${service} has no content to revise`, hint);
      }
      contents.revise(found);
    },
    failGraphql: (fails) => contents.failGraphql(fails),
    setChangesPerSecond: (rate) => university.setChangesPerSecond(rate),
  };
}
