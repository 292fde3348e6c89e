import { scatter } from '../random.ts';

/** The ordinals of one service. The n-th change of all, counted from 0, has slot n; its ordinal follows from that. */
export interface Ordinals {
  of(slot: number): number;
  /** The first slot whose ordinal is greater. */
  firstSlotAfter(ordinal: number): number;
}

/** Each slot has this many ordinals to itself and takes one of them, so neighbours are 1 to 13 apart. */
const width = 7;

/** Increasing, with gaps, as apis.md 3.1 promises no more; `first` is below all of them. */
export function createOrdinals(first: number, seed: number): Ordinals {
  const of = (slot: number): number => first + 1 + slot * width + (scatter(slot, seed) % width);
  return {
    of,
    firstSlotAfter(ordinal) {
      const slot = Math.max(0, Math.floor((ordinal - first - 1) / width));
      return of(slot) <= ordinal ? slot + 1 : slot;
    },
  };
}
