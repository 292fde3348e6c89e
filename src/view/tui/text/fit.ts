import { type Line, type Span, widthOf } from './line.ts';

/** A part of a row that may have to give way. */
export interface Part {
  readonly spans: Line;
  /** The greatest goes first; 0 stays whatever happens. */
  readonly drop: number;
  readonly side?: 'left' | 'right';
}

/** As many parts as fit into `width`, the right ones at the right edge; those with the greatest `drop` go first. */
export function fit(parts: readonly Part[], width: number, gap: number): Line {
  let kept = parts.filter(({ spans }) => spans.length > 0);
  while (kept.length > 1 && needed(kept, gap) > width) {
    const first = Math.max(...kept.map(({ drop }) => drop));
    if (first === 0) break;
    const victim = kept.findLastIndex(({ drop }) => drop === first);
    kept = kept.filter((_, at) => at !== victim);
  }
  const left = join(
    kept.filter(({ side }) => side !== 'right'),
    gap,
  );
  const right = join(
    kept.filter(({ side }) => side === 'right'),
    gap,
  );
  if (right.length === 0) return left;
  return [...left, space(Math.max(1, width - widthOf(left) - widthOf(right))), ...right];
}

function needed(parts: readonly Part[], gap: number): number {
  return parts.reduce((sum, { spans }) => sum + widthOf(spans), 0) + gap * (parts.length - 1);
}

function join(parts: readonly Part[], gap: number): Line {
  return parts.flatMap(({ spans }, at) => (at === 0 ? spans : [space(gap), ...spans]));
}

function space(width: number): Span {
  return { text: ' '.repeat(width), tone: 'plain' };
}
