import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourceRecord } from '../../src/model/record.ts';
import { cutChunks, maxChunkBytes, maxChunkRecords } from '../../src/sync/chunks.ts';

function records(count: number, bytes = 10): SourceRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    key: `m${i}`,
    version: 1,
    value: { id: i, text: 'x'.repeat(bytes) },
  }));
}

type Cut = typeof cutChunks;

const pages = fc.array(
  fc.record({
    size: fc.constantFrom(1, 10, 300_000, 999_000, 2_000_000),
    count: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 4 },
);

/** Nothing is lost, nothing is turned around, no chunk is too large unless it is a single record (S11). */
function checkChunks(cut: Cut): void {
  fc.assert(
    fc.property(pages, (stretches) => {
      const all = stretches.flatMap(({ size, count }) => records(count, size));
      const chunks = cut('r1', 0, all);
      const values = chunks.flatMap((chunk) => chunk.values);
      if (values.length !== all.length || values.some((value, i) => value !== all[i]?.value)) return false;
      if (new Set(chunks.map(({ id }) => id)).size !== chunks.length) return false;
      return chunks.every((chunk) => {
        const bytes = Buffer.byteLength(JSON.stringify(chunk.values));
        // The count may be too high by the comma that the last record has not.
        if (chunk.bytes < bytes || chunk.bytes > bytes + 1) return false;
        return chunk.values.length === 1 || bytes <= maxChunkBytes;
      });
    }),
    { numRuns: 20 },
  );
}

const ids = (runId: string, page: number, count: number): string[] =>
  cutChunks(runId, page, records(count)).map(({ id }) => id);

const byCount: Cut = (runId, page, all) => {
  const [first, ...rest] = cutChunks(runId, page, all);
  if (first === undefined) return [];
  const whole = [first, ...rest];
  return [
    {
      id: first.id,
      keys: whole.flatMap((chunk) => chunk.keys),
      values: whole.flatMap(({ values }) => values),
      bytes: whole.reduce((sum, { bytes }) => sum + bytes - 2, 2),
    },
  ];
};

describe('the chunks of a page', () => {
  test('hold every record once, in order, within the limits', () => {
    checkChunks(cutChunks);
  });

  test('are checked so that one too large is found (twin: cut by count alone)', () => {
    expect(() => checkChunks(byCount)).toThrow();
  });

  test('are one up to a thousand records', () => {
    expect(maxChunkRecords).toBe(1000);
    expect(cutChunks('r1', 0, records(1000)).map(({ values }) => values.length)).toEqual([1000]);
    expect(cutChunks('r1', 0, records(1001)).map(({ values }) => values.length)).toEqual([1000, 1]);
    expect(cutChunks('r1', 0, [])).toEqual([]);
  });

  test('count bytes, not letters', () => {
    const wide = records(4).map(({ key, version }) => ({ key, version, value: '山'.repeat(100_000) }));
    expect(cutChunks('r1', 0, wide).map(({ values }) => values.length)).toEqual([3, 1]);
  });

  test('are the same jobs when a page is read again, and others when anything differs', () => {
    expect(ids('r1', 7, 1500)).toEqual(ids('r1', 7, 1500));
    expect(ids('r1', 7, 1500)[0]).toMatch(/^r1-7-0-[0-9a-f]{16}$/);
    expect(ids('r1', 7, 1500)[1]).toMatch(/^r1-7-1-[0-9a-f]{16}$/);
    expect(ids('r2', 7, 1)).not.toEqual(ids('r1', 7, 1));
    expect(ids('r1', 8, 1)).not.toEqual(ids('r1', 7, 1));
    expect(ids('r1', 7, 2)).not.toEqual(ids('r1', 7, 1));
  });
});
