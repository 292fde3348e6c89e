/** How many versions are kept (S5). */
export const mostGenerations = 50;
/** The newest ones, which always stay. */
export const alwaysKept = 25;

/**
 * What a kept version is worth: `person`: it is from before something that a person changed; `ours`: going back to the
 * version after it comes to the same but for what Sluice writes of its own accord. `unknown` until the two are compared.
 */
export type Worth = 'person' | 'ours' | 'unknown';

/** What to do about room; the number is a version's place, from 0 for the newest. */
export type RoomStep =
  | { readonly kind: 'enough' }
  /** Find out what it is worth. */
  | { readonly kind: 'compare'; readonly place: number }
  | { readonly kind: 'drop'; readonly place: number };

/**
 * The next step towards at most 50 versions: the oldest goes that a person has no use for; only where there is none, the
 * oldest of all. So the last 25 changes of a person can be undone, however many runs end after them. Pure.
 * @param worth of each version, the newest first
 */
export function nextRoomStep(worth: readonly Worth[]): RoomStep {
  const oldest = worth.length - 1;
  if (oldest < mostGenerations) return { kind: 'enough' };
  for (let place = oldest; place >= alwaysKept; place -= 1) {
    const found = worth[place];
    if (found === 'unknown') return { kind: 'compare', place };
    if (found === 'ours') return { kind: 'drop', place };
  }
  return { kind: 'drop', place: oldest };
}
