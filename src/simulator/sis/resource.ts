import type { ExportService } from './services.ts';

/** How one service is exported, and what its entities are made of. */
export interface Resource {
  /** Beneath the base address, without the query (systems.md 2.4). */
  readonly path: string;
  /** Which part of all entities is of this kind. */
  readonly weight: number;
  /** All versions of an entity are exported, each with `snapshotDateTime`, not only the newest (systems.md 2.1). */
  readonly keepsVersions: boolean;
  /** What comes before the number in its ids. */
  readonly idPrefix: string;
  /** The fields that name an entity (systems.md 5.1). */
  readonly keyFields: readonly string[];
  /** What is particular to the kind; `id`, `documentState` and `metadata` are added. */
  readonly fields: (facts: Facts) => Fields;
}

export type Fields = Readonly<Record<string, unknown>>;

/** What the fields of an entity are derived from. */
export interface Facts {
  readonly number: number;
  readonly revision: number;
  /** When the entity was made and when this version was, epoch milliseconds. */
  readonly madeAt: number;
  readonly at: number;
  /** A moment as SISU writes it. */
  readonly local: (ms: number) => string;
  /** 32 bits that depend on nothing but the entity and `salt`. */
  readonly draw: (salt: number) => number;
  /** The id of some entity of another kind, chosen by `draw(salt)`. */
  readonly some: (service: ExportService, salt: number) => string;
  /** The id of the entity with this number of another kind. */
  readonly idOf: (service: ExportService, number: number) => string;
}
