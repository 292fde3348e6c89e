import type { FileProblem } from '../model/events.ts';

/** Turns an offset of a text into a line and a column, both from 1. CRLF, LF and a lone CR each end one line. */
export type Locate = (offset: number) => { readonly line: number; readonly column: number };

export function createLocate(text: string): Locate {
  const starts = [0];
  for (const end of text.matchAll(/\r\n|\n|\r/g)) starts.push(end.index + end[0].length);
  return (offset) => {
    const clamped = Math.min(offset, text.length);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= clamped) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: clamped - (starts[low] ?? 0) + 1 };
  };
}

/** A problem at an offset of a file. */
export type ProblemAt = (offset: number, message: string) => FileProblem;

export function createProblemAt(file: string, text: string): ProblemAt {
  const locate = createLocate(text);
  return (offset, message) => ({ file, ...locate(offset), message });
}
