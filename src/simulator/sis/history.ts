import { scatter } from '../random.ts';
import { createShuffle } from './shuffle.ts';

/** systems.md 2.1. */
export type DocumentState = 'ACTIVE' | 'DRAFT' | 'DELETED';

/** One version of one entity; entities are numbered 0, 1, 2 ... within their service. */
export interface Version {
  readonly number: number;
  readonly revision: number;
  readonly state: DocumentState;
  /** When it was made, epoch milliseconds; the ordinal was given at that moment too. */
  readonly at: number;
  /** When the entity was made. */
  readonly madeAt: number;
}

/** What a service holds before anything changes, calculated and never stored, so that size costs no memory. */
export interface History {
  /** How many versions there are. */
  readonly slots: number;
  /** The version at a slot below `slots`. */
  version(slot: number): Version;
  /** How often the entity had been changed: the revision of its newest version. */
  revision(number: number): number;
  /** When the entity was made, epoch milliseconds. */
  madeAt(number: number): number;
}

export interface HistoryOptions {
  readonly size: number;
  /** Whether older versions of an entity are kept beside the newest. */
  readonly keepsVersions: boolean;
  readonly seed: number;
  /** Epoch milliseconds: everything changed in the two years before, and was made in the year before those. */
  readonly start: number;
}

const year = 365 * 86_400_000;

/** Every entity once; where versions are kept, a quarter of them a second time, and a quarter of those a third. */
export function createHistory({ size, keepsVersions, seed, start }: HistoryOptions): History {
  const second = keepsVersions ? Math.floor(size / 4) : 0;
  const third = Math.floor(second / 4);
  const slots = size + second + third;
  const order = createShuffle(size, seed);

  return {
    slots,
    version(slot) {
      const layer = slot < size ? 0 : slot < size + second ? 1 : 2;
      const number = order.numberAt(slot - (layer === 0 ? 0 : layer === 1 ? size : size + second));
      const revision = keepsVersions ? layer + 1 : firstRevision(number);
      const at = Math.floor(start - 10_000 - 2 * year * ((slots - slot) / slots));
      return { number, revision, state: stateOf(number, revision), at, madeAt: madeAt(number) };
    },
    revision(number) {
      if (!keepsVersions) return firstRevision(number);
      const place = order.placeOf(number);
      return 1 + (place < second ? 1 : 0) + (place < third ? 1 : 0);
    },
    madeAt,
  };

  function madeAt(number: number): number {
    return Math.floor(start - 3 * year + year * (number / size));
  }

  function firstRevision(number: number): number {
    return 1 + (scatter(number, seed + 1) % 4);
  }

  function stateOf(number: number, revision: number): DocumentState {
    const share = scatter(number, seed + revision + 100) % 100;
    return share < 94 ? 'ACTIVE' : share < 97 ? 'DELETED' : 'DRAFT';
  }
}
