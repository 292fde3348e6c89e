import { cells, cut } from './cells.ts';

/** What a piece of text says by its colour; never by its colour alone. */
export type Tone = 'plain' | 'dim' | 'strong' | 'running' | 'ok' | 'warn' | 'bad' | 'key' | 'chosen';

/** A piece of a line. */
export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** One row of the screen, from left to right. */
export type Line = readonly Span[];

/** A line of one tone. */
export function say(text: string, tone: Tone = 'plain'): Line {
  return [{ text, tone }];
}

export const blank: Line = [];

/** Lines one after the other, in one row. */
export function joined(...lines: readonly Line[]): Line {
  return lines.flat();
}

export function widthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + cells(text), 0);
}

/** The line without its tones. */
export function plainText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

/** The line, cut to `width` cells at most. */
export function cutLine(line: Line, width: number, mark: string): Line {
  if (widthOf(line) <= width) return line;
  const kept: Span[] = [];
  let left = width;
  for (const { text, tone } of line) {
    const size = cells(text);
    if (size >= left) {
      // The mark is owed even where a span fits exactly, as more comes after it.
      kept.push({ text: cut(size === left ? `${text}${mark}` : text, left, mark), tone });
      break;
    }
    kept.push({ text, tone });
    left -= size;
  }
  return kept;
}

/** The line in exactly `width` cells. */
export function padLine(line: Line, width: number, mark: string, align: 'left' | 'right' = 'left'): Line {
  const short = cutLine(line, width, mark);
  const room: Span = { text: ' '.repeat(Math.max(0, width - widthOf(short))), tone: 'plain' };
  if (room.text === '') return short;
  return align === 'left' ? [...short, room] : [room, ...short];
}

/** The lines next to each other, the left ones in `width` cells. */
export function beside(left: readonly Line[], right: readonly Line[], width: number, mark: string): Line[] {
  const height = Math.max(left.length, right.length);
  return Array.from({ length: height }, (_, row) => [
    ...padLine(left[row] ?? blank, width, mark),
    ...(right[row] ?? blank),
  ]);
}
