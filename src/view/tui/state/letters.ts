import type { LetterDetail, LetterRecord } from '../../../model/letters.ts';
import { type Clean, cleaned } from './clean.ts';

/** The dead letters as the screen has them. */
export interface LettersView {
  /** How many there are, by the key of their entry; the newest of them are listed. */
  readonly counts: ReadonlyMap<string, number>;
  /** Newest first. */
  readonly newest: readonly LetterRecord[];
}

export const noLetters: LettersView = { counts: new Map(), newest: [] };

export function letterCount({ counts }: LettersView): number {
  return [...counts.values()].reduce((sum, one) => sum + one, 0);
}

/** One dead letter, its payload and stack as lines. Every text is harmless. */
export interface LetterView {
  readonly letter: Omit<LetterDetail, 'payload' | 'stack'>;
  readonly payload: readonly string[];
  readonly stack: readonly string[];
  /** How many lines of the payload were left out. */
  readonly left: number;
}

/** A record may take a megabyte; nobody reads that on a screen. */
const mostLines = 5000;

export function letterView({ payload, stack, ...letter }: LetterDetail, clean: Clean): LetterView {
  // Into lines first: made harmless, a text is one line.
  const lines = (JSON.stringify(payload, null, 2) ?? 'null').split('\n');
  return {
    letter: cleaned(letter, clean),
    payload: lines.slice(0, mostLines).map(clean),
    stack: stack === null ? [] : stack.split(/\r?\n/).map(clean),
    left: Math.max(0, lines.length - mostLines),
  };
}
