import { describe, expect, test } from 'vitest';
import type { SourceRecord } from '../../src/model/record.ts';
import { createChainedClaims, stampOfWhole } from '../../src/sync/chained-claims.ts';

const record = (
  key: string | undefined,
  version: number,
  value: unknown = { key, version },
): SourceRecord => ({
  key,
  version,
  value,
});
const timed = (key: string, version: number): SourceRecord => ({ ...record(key, version), modified: 1 });
const page = (...records: readonly SourceRecord[]) => ({ records, next: 0, hasMore: true, bytes: 1, now: 0 });
const nothing = new Map<string, string>();

describe('what of a page is published', () => {
  test('the newest version of each key, where it stands', () => {
    const claims = createChainedClaims('S', 0, nothing);
    const { fresh } = claims.claim(page(record('a', 1), record('b', 2), record('a', 3)));
    expect(fresh).toMatchObject([
      { key: 'b', version: 2 },
      { key: 'a', version: 3 },
    ]);
  });

  test('a key that returns on a later page, in its newer version', () => {
    const claims = createChainedClaims('S', 0, nothing);
    claims.claim(page(record('a', 1)));
    expect(claims.claim(page(record('a', 2))).fresh).toHaveLength(1);
  });

  test('nothing that the run before published in this version; a newer version of it', () => {
    const claims = createChainedClaims(
      'S',
      10,
      new Map([
        ['a', '9'],
        ['b', '8'],
      ]),
    );
    const { fresh, ignored } = claims.claim(page(record('a', 9), record('b', 10)));
    expect(fresh).toMatchObject([{ key: 'b', version: 10 }]);
    expect(ignored).toBe(1);
  });

  test('what lies beyond the cursor, whatever is said to be known: nobody can have published it', () => {
    const claims = createChainedClaims('S', 8, new Map([['a', '9']]));
    expect(claims.claim(page(record('a', 9))).fresh).toHaveLength(1);
  });

  test('a record without a key is a dead letter, all of them, equal ones too', () => {
    const claims = createChainedClaims('S', 0, nothing);
    const { fresh, letters } = claims.claim(
      page(record(undefined, 1, {}), record(undefined, 1, {}), record('a', 1)),
    );
    expect(fresh).toHaveLength(1);
    expect(letters).toEqual([
      { service: 'S', key: undefined, reason: 'the record has no key', payload: {} },
      { service: 'S', key: undefined, reason: 'the record has no key', payload: {} },
    ]);
  });

  test('and none again when the overlap brings it, on a page with another greatest ordinal', () => {
    const first = createChainedClaims('S', 0, nothing);
    first.claim(page(record(undefined, 10, { name: 'x' })));
    const second = createChainedClaims('S', 10, first.tail(5));
    const { letters, ignored } = second.claim(
      page(record(undefined, 12, { name: 'x' }), record(undefined, 12, { name: 'y' })),
    );
    expect(letters).toMatchObject([{ payload: { name: 'y' } }]);
    expect(ignored).toBe(1);
  });
});

describe('the tail of a run', () => {
  test('is what stands behind an ordinal, each key in its newest version, what was left out too', () => {
    const claims = createChainedClaims('S', 10, new Map([['b', '7']]));
    claims.claim(page(record('a', 5), record('b', 7), record('c', 8)));
    claims.claim(page(record('a', 11)));
    expect([...claims.tail(6)]).toEqual([
      ['b', '7'],
      ['c', '8'],
      ['a', '11'],
    ]);
  });

  test('holds the newest 50,000, however many records there were', () => {
    const claims = createChainedClaims('S', 0, nothing);
    for (let at = 0; at < 120; at += 1) {
      claims.claim(
        page(...Array.from({ length: 1000 }, (_, one) => record(`k${at}-${one}`, at * 1000 + one + 1))),
      );
    }
    const tail = claims.tail(0);
    expect(tail.size).toBe(50_000);
    expect(tail.get('k119-999')).toBe('120000');
    expect(tail.has('k69-999')).toBe(false);
  });
});

describe('what a session that ends leaves of its tail', () => {
  test('is what came since it was taken last, behind the ordinal, where the source tells times', () => {
    const claims = createChainedClaims('S', 0, nothing);
    claims.claim(page(timed('a', 5), timed('b', 7), record('c', 8)));
    expect([...claims.takeTail(6)]).toEqual([['b', '7']]);
    claims.claim(page(timed('a', 9)));
    expect([...claims.takeTail(6)]).toEqual([['a', '9']]);
    expect([...claims.takeTail(6)]).toEqual([]);
  });

  test('does not grow with the number of records', () => {
    const claims = createChainedClaims('S', 0, nothing);
    let taken = 0;
    for (let at = 0; at < 120; at += 1) {
      claims.claim(
        page(...Array.from({ length: 1000 }, (_, one) => timed(`k${at}-${one}`, at * 1000 + one + 1))),
      );
      taken += claims.takeTail(0).size;
    }
    expect(taken).toBe(50_000);
  });
});

test('the stamp of a whole tells its content, in whatever order it comes', () => {
  const [a, b] = [record('a', 1, { id: 'a' }), record('b', 1, { id: 'b' })];
  expect(stampOfWhole([a, b])).toBe(stampOfWhole([b, a]));
  expect(stampOfWhole([a, b])).not.toBe(stampOfWhole([a]));
  expect(stampOfWhole([a, a])).not.toBe(stampOfWhole([a]));
  expect(stampOfWhole([])).not.toBe(stampOfWhole([a]));
});
