import type { RunProgress } from '../model/status.ts';

/** `72 %, 7,200 of 10,000`, or `5,900 done, at ordinal 248047994, 3 chunks wait` where nobody knows how much there is. */
export function progressText({ published, total, ordinal, waitingChunks }: RunProgress): string {
  if (total === null && ordinal === null) return 'asking the source';
  // A run that is on is never quite done.
  const percent = total === null || total <= 0 ? 0 : Math.min(99, Math.floor((100 * published) / total));
  const facts = [
    total === null ? `${count(published)} done` : `${percent} %, ${count(published)} of ${count(total)}`,
    ordinal === null ? '' : `at ordinal ${ordinal}`,
    waitingChunks === 0
      ? ''
      : `${count(waitingChunks)} ${waitingChunks === 1 ? 'chunk waits' : 'chunks wait'}`,
  ];
  return facts.filter((fact) => fact !== '').join(', ');
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
