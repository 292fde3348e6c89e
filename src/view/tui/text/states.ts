import type { EntryStatus } from '../../../model/status.ts';
import type { Glyphs } from './glyphs.ts';
import type { Span, Tone } from './line.ts';

export type EntryState = EntryStatus['state'];

interface Look {
  readonly glyph: keyof Glyphs & ('running' | 'ok' | 'due' | 'late' | 'failed' | 'paused');
  readonly tone: Tone;
  /** For the help. */
  readonly means: string;
}

/** What each state looks like and means; the word is the state itself. */
export const looks: Readonly<Record<EntryState, Look>> = {
  load: { glyph: 'running', tone: 'running', means: 'reads everything' },
  sync: { glyph: 'running', tone: 'running', means: 'reads what changed' },
  ok: { glyph: 'ok', tone: 'ok', means: 'in step' },
  due: { glyph: 'due', tone: 'plain', means: 'starts as soon as there is room' },
  late: { glyph: 'late', tone: 'warn', means: 'behind by more than twice its refresh time' },
  failed: { glyph: 'failed', tone: 'bad', means: 'the last run failed; it says why and when it tries again' },
  paused: { glyph: 'paused', tone: 'dim', means: 'does not run until you resume it' },
  invalid: { glyph: 'failed', tone: 'bad', means: 'cannot run as it is written in the file' },
};

/** Glyph, word and colour of a state. */
export function stateSpan(state: EntryState, glyphs: Glyphs): Span {
  const { glyph, tone } = looks[state];
  return { text: `${glyphs[glyph]} ${state}`, tone };
}
