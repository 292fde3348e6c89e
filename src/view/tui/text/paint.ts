import type { Line, Tone } from './line.ts';

/** Turns a line into what is written to a terminal. */
export type Paint = (line: Line) => string;

/**
 * The sixteen colours of the terminal's own palette, so that a person's theme holds. Written here and not by Ink's
 * colour library, which ignores NO_COLOR and takes any `CI` in the environment for "no colours" (tui.md, traps 1 and 2).
 */
const codes: Readonly<Record<Tone, readonly [string, string]>> = {
  plain: ['', ''],
  dim: ['2', '22'],
  strong: ['1', '22'],
  running: ['36', '39'],
  ok: ['32', '39'],
  warn: ['33', '39'],
  bad: ['31', '39'],
  key: ['1', '22'],
  chosen: ['7', '27'],
};

export const paintColours: Paint = (line) =>
  line.map(({ text, tone }) => styled(text, ...codes[tone])).join('');

/** Without any escape sequence. */
export const paintPlain: Paint = (line) => line.map(({ text }) => text).join('');

/** NO_COLOR as no-color.org has it: anything but empty counts. A dumb terminal knows no sequences. */
export function choosePaint(env: Readonly<Record<string, string | undefined>>): Paint {
  return (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb' ? paintPlain : paintColours;
}

function styled(text: string, on: string, off: string): string {
  return on === '' || text === '' ? text : `\u001B[${on}m${text}\u001B[${off}m`;
}
