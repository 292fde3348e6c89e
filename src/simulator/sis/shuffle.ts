import { scatter } from '../random.ts';

/** The numbers 0..size-1 in another order, without a list of them: which number stands at a place, and back. */
export interface Shuffle {
  numberAt(place: number): number;
  placeOf(number: number): number;
}

/** `size` up to 50 million: larger products would not be exact. */
export function createShuffle(size: number, seed: number): Shuffle {
  // The golden ratio puts neighbours far apart.
  let step = Math.max(1, Math.round(size * 0.618));
  while (gcd(step, size) > 1) step++;
  const back = inverse(step, size);
  const shift = size === 0 ? 0 : scatter(seed, size) % size;
  return {
    numberAt: (place) => (place * step + shift) % size,
    placeOf: (number) => (((number - shift + size) % size) * back) % size,
  };
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** The number that times `step` leaves 1 when divided by `size` (Euclid's algorithm, extended). */
function inverse(step: number, size: number): number {
  let [before, now] = [size, step % size];
  let [left, right] = [0, 1];
  while (now > 1) {
    const times = Math.floor(before / now);
    [before, now] = [now, before - times * now];
    [left, right] = [right, left - times * right];
  }
  return ((right % size) + size) % size;
}
