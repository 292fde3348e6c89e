const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const weightless = /[\p{Mn}\p{Me}\u1160-\u11ff]/u;
const printableAscii = /^[ -~]*$/;

/** How many cells of a terminal a text takes that has been made harmless (clean.ts). */
export function cells(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let sum = 0;
  for (const sign of text) sum += cellsOf(sign);
  return sum;
}

/** The text, cut to `width` cells at most; `mark` stands where something was cut off. */
export function cut(text: string, width: number, mark: string): string {
  if (cells(text) <= width) return text;
  if (width <= 0) return '';
  let kept = '';
  let left = width - 1;
  for (const sign of text) {
    left -= cellsOf(sign);
    if (left < 0) break;
    kept += sign;
  }
  return kept + mark;
}

/** The text in lines of `width` cells at most. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const sign of text) {
    const size = cellsOf(sign);
    if (used + size > width && line !== '') {
      lines.push(line);
      line = '';
      used = 0;
    }
    line += sign;
    used += size;
  }
  return [...lines, line];
}

function cellsOf(sign: string): number {
  if (weightless.test(sign)) return 0;
  return wide.test(sign) ? 2 : 1;
}
