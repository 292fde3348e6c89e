import { scatter } from '../random.ts';
import type { LoggedVersion } from './change-log.ts';
import type { DocumentState } from './history.ts';
import type { Facts } from './resource.ts';
import { resources } from './resources.ts';
import { exportServices, type ExportService } from './services.ts';
import type { Sizes } from './sizes.ts';
import { numberedUuid, numberIn } from './words.ts';

/** An entity as a test compares it with what arrived. */
export interface SisRecord {
  /** The values of its key fields, in their order; where versions are kept, its ordinal too (systems.md 5.1). */
  readonly key: readonly string[];
  readonly ordinal: number;
  readonly documentState: DocumentState;
  /** As it is exported. */
  readonly value: Readonly<Record<string, unknown>>;
}

/** The entities of one service, made from number and seed whenever they are asked for. */
export interface Entities {
  /** The entity as it is exported. */
  value(version: LoggedVersion): SisRecord['value'];
  record(version: LoggedVersion): SisRecord;
  /** The number of the entity with this key; undefined for a key that no entity can have. */
  numberOf(key: readonly string[]): number | undefined;
}

interface EntitiesOptions {
  readonly seed: number;
  /** How many entities each service starts with: what the ids inside of an entity refer to. */
  readonly sizes: Sizes;
  /** One entity in so many carries `testError` for ever; 0 none (systems.md 4.1). */
  readonly poison: number;
  /** Writes a moment, epoch milliseconds, as SISU does. */
  readonly local: (ms: number) => string;
}

const quarter = 90 * 86_400_000;

/** The entities of `service`, the same for the same options. */
export function createEntities(
  service: ExportService,
  { seed, sizes, poison, local }: EntitiesOptions,
): Entities {
  const { fields, idPrefix, keyFields, keepsVersions } = resources[service];
  const own = scatter(seed, exportServices.indexOf(service));
  const hasId = keyFields[0] === 'id';

  return {
    value,
    record(version) {
      const entity = value(version);
      return {
        key: keyOf(entity, version.ordinal),
        ordinal: version.ordinal,
        documentState: version.state,
        value: entity,
      };
    },
    numberOf(key) {
      const [first = '', , third] = key;
      const inId = numberIn(first);
      const number = service === 'STUDY_RIGHT_PRIMALITY' ? inId * 2 + (third === '2025-08-01' ? 1 : 0) : inId;
      if (!Number.isInteger(number)) return undefined;
      const made = value({ number, revision: 1, state: 'ACTIVE', at: 0, madeAt: 0, ordinal: 0 });
      return keyFields.every((field, at) => made[field] === key[at]) ? number : undefined;
    },
  };

  function value({ number, revision, state, at, madeAt, ordinal }: LoggedVersion): SisRecord['value'] {
    const facts: Facts = {
      number,
      revision,
      madeAt,
      at,
      local,
      draw: (salt) => scatter(number ^ own, salt),
      some: (kind, salt) => idOf(kind, scatter(number ^ own, salt) % Math.max(1, sizes.get(kind) ?? 0)),
      idOf,
    };
    return {
      ...(hasId ? { id: `${idPrefix}${numberedUuid(number, own & 0xffff)}` } : {}),
      ...fields(facts),
      // One in ten is valid only later: which version holds is not the last one then.
      ...(keepsVersions ? { snapshotDateTime: local(at + (number % 10 === 0 ? quarter : 0)) } : {}),
      ...(poison > 0 && number % poison === own % poison ? { testError: true } : {}),
      documentState: state,
      metadata: {
        revision,
        createdBy: 'simulator',
        createdOn: local(madeAt),
        lastModifiedBy: `simulator-${revision % 3}`,
        lastModifiedOn: local(at),
        modificationOrdinal: ordinal,
      },
    };
  }

  function keyOf(entity: SisRecord['value'], ordinal: number): string[] {
    const key = keyFields.map((field) => String(entity[field]));
    return keepsVersions ? [...key, String(ordinal)] : key;
  }

  function idOf(kind: ExportService, number: number): string {
    const salt = scatter(seed, exportServices.indexOf(kind)) & 0xffff;
    return `${resources[kind].idPrefix}${numberedUuid(number, salt)}`;
  }
}
