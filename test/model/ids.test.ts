import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunkId, contentHash, drawRunId } from '../../src/model/ids.ts';

/** What BullMQ takes as a custom id: no colon, and not a whole number (packages.md). */
function isLegal(id: string): boolean {
  return id !== '' && !id.includes(':') && !/^\d+$/.test(id);
}

const place = fc.nat();

describe('the id of a run', () => {
  test('is legal for a queue and short, whatever is drawn', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        const id = drawRunId(() => Buffer.from(bytes));
        return isLegal(id) && /^r[0-9a-f]{11}$/.test(id);
      }),
    );
  });

  test('is another one every time', () => {
    const ids = new Set(Array.from({ length: 1000 }, () => drawRunId()));
    expect(ids.size).toBe(1000);
  });
});

describe('the id of a chunk (S12)', () => {
  test('is legal for a queue', () => {
    fc.assert(
      fc.property(place, place, fc.string(), (page, part, content) =>
        isLegal(chunkId(drawRunId(), page, part, content)),
      ),
    );
  });

  test('is the same for the same content in the same place of the same run', () => {
    expect(chunkId('r1', 3, 0, '{"id":"a"}')).toBe(chunkId('r1', 3, 0, '{"id":"a"}'));
    expect(contentHash('abc')).toBe('a9993e364706816a');
    expect(chunkId('rab12', 3, 1, 'abc')).toBe('rab12-3-1-a9993e364706816a');
  });

  test('is another one for another run, page, part or content', () => {
    const ids = [
      chunkId('r1', 1, 1, 'a'),
      chunkId('r2', 1, 1, 'a'),
      chunkId('r1', 2, 1, 'a'),
      chunkId('r1', 1, 2, 'a'),
      chunkId('r1', 1, 1, 'b'),
      chunkId('r1', 11, 1, 'a'),
      chunkId('r1', 1, 11, 'a'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
