import type { EpochSeconds } from '../model/time.ts';

const year = 365 * 86_400;
const importSize = 2_500;

/**
 * When each member of a new list last changed: spread over the two years before `start`, about a third of them in
 * imports of some 2,500 that share one second (more than any page holds), and one in twenty in the last hour, so that
 * a client that looked a few minutes ago always finds something new. None in the last 10 s: a list that stands still
 * fits whole into a window that ends a few seconds ago (S6).
 */
export function firstChanges(count: number, start: EpochSeconds, random: () => number): Uint32Array {
  const imports = Array.from({ length: Math.ceil((count * 0.35) / importSize) }, () => anytime());
  return Uint32Array.from({ length: count }, (_, member) => {
    const kind = member === 0 ? 0 : random();
    if (kind < 0.05) return within(3_600);
    if (kind < 0.4) return imports[Math.floor(random() * imports.length)] ?? anytime();
    return anytime();
  });

  function anytime(): EpochSeconds {
    return within(2 * year);
  }

  function within(seconds: number): EpochSeconds {
    return start - 10 - Math.floor(random() * (seconds - 10));
  }
}

/** When member `member` of `count` opted in: in the year before any of the first changes, in order. */
export function firstOptIn(member: number, count: number, start: EpochSeconds): EpochSeconds {
  return start - 3 * year + Math.floor((member / count) * year);
}
