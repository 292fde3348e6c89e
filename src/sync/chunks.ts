import { chunkId } from '../model/ids.ts';
import type { Chunk, SourceRecord } from '../model/record.ts';

/** A page is one chunk unless it exceeds these (S11). */
export const maxChunkRecords = 1000;
export const maxChunkBytes = 1_000_000;

/**
 * Cuts the records of one page into chunks, in order. A record that alone exceeds the byte limit is a chunk by itself.
 * @param page the page's number within the run
 */
export function cutChunks(runId: string, page: number, records: readonly SourceRecord[]): Chunk[] {
  if (records.length === 0) return [];
  // Nearly always one chunk: then its text is made once, for the size and for the hash.
  if (records.length <= maxChunkRecords) {
    const values = records.map(({ value }) => value);
    const text = JSON.stringify(values);
    const bytes = Buffer.byteLength(text);
    if (bytes <= maxChunkBytes || records.length === 1) {
      return [{ id: chunkId(runId, page, 0, text), keys: records.map(({ key = '' }) => key), values, bytes }];
    }
  }
  return cutByRecord(runId, page, records);
}

function cutByRecord(runId: string, page: number, records: readonly SourceRecord[]): Chunk[] {
  const chunks: Chunk[] = [];
  let keys: string[] = [];
  let values: unknown[] = [];
  let texts: string[] = [];
  let bytes = 2;
  const flush = (): void => {
    if (values.length === 0) return;
    chunks.push({ id: chunkId(runId, page, chunks.length, texts.join(',')), keys, values, bytes });
    keys = [];
    values = [];
    texts = [];
    bytes = 2;
  };
  for (const { key = '', value } of records) {
    const text = JSON.stringify(value);
    const size = Buffer.byteLength(text) + 1;
    if (values.length === maxChunkRecords || (bytes + size > maxChunkBytes && values.length > 0)) flush();
    keys.push(key);
    values.push(value);
    texts.push(text);
    bytes += size;
  }
  flush();
  return chunks;
}
