import { cells, wrapped } from './cells.ts';
import { joined, type Line, type Span, widthOf } from './line.ts';

/**
 * A line in as many lines of `width` cells as it takes, broken between words, every one behind `indent` empty cells. A
 * word that is longer than a line is broken anywhere.
 */
export function wrapLine(line: Line, width: number, indent = 0): readonly Line[] {
  const room = Math.max(1, width - indent);
  const lines: Span[][] = [];
  let current: Span[] = [];
  const close = (): void => {
    if (current.length > 0) lines.push(withoutEnd(current));
    current = [];
  };
  for (const { text, tone } of line) {
    for (const piece of text.match(/\s+|\S+/g) ?? []) {
      const isSpace = piece.trim() === '';
      if (widthOf(current) + (isSpace ? 0 : cells(piece)) > room) close();
      if (isSpace && current.length === 0 && lines.length > 0) continue;
      const [last = '', ...before] = cells(piece) > room ? wrapped(piece, room).toReversed() : [piece];
      for (const part of before.toReversed()) lines.push([{ text: part, tone }]);
      add(current, { text: last, tone });
    }
  }
  close();
  const margin: Line = indent === 0 ? [] : [{ text: ' '.repeat(indent), tone: 'plain' }];
  return lines.map((spans) => joined(margin, spans));
}

/** Words of one tone in one span: fewer bytes to write. */
function add(spans: Span[], { text, tone }: Span): void {
  const last = spans.at(-1);
  if (last?.tone === tone) spans[spans.length - 1] = { text: last.text + text, tone };
  else spans.push({ text, tone });
}

function withoutEnd(spans: readonly Span[]): Span[] {
  const last = spans.at(-1);
  const text = last?.text.trimEnd() ?? '';
  if (!last || text === last.text) return [...spans];
  return text === '' ? withoutEnd(spans.slice(0, -1)) : [...spans.slice(0, -1), { ...last, text }];
}
