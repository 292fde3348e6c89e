import { hash, randomBytes } from 'node:crypto';

/** A run's id: 12 letters and digits, drawn and committed before its first publish (S12). Begins with `r`, so it is never all digits. */
export function drawRunId(random: (bytes: number) => Buffer = randomBytes): string {
  return `r${random(8).toString('hex').slice(0, 11)}`;
}

/** The first 16 hex digits of the SHA-1 of a text: names content, guards nothing. */
export function contentHash(text: string): string {
  return hash('sha1', text).slice(0, 16);
}

/** A chunk's id by S12. No `:`, as BullMQ refuses it, and never only digits. */
export function chunkId(runId: string, page: number, part: number, content: string): string {
  return `${runId}-${page}-${part}-${contentHash(content)}`;
}
