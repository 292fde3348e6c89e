import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourceRecord } from '../../src/model/record.ts';
import { createClaims, newestOfEachKey } from '../../src/sync/claims.ts';

const until = 1000;

function record(key: string | undefined, version: number, more = ''): SourceRecord {
  return { key, version, value: { key, version, more } };
}

function claims(resumed?: { version: number; keys: string[] }) {
  return createClaims({ service: 'lists', until, resumed, known: new Map(), tailFrom: 0 });
}

function keysOf(records: readonly SourceRecord[]): (string | undefined)[] {
  return records.map(({ key }) => key);
}

describe('a page', () => {
  test('adds what no page before it had', () => {
    const run = claims();
    expect(keysOf(run.claim([record('a', 1), record('b', 2)]).fresh)).toEqual(['a', 'b']);
    expect(keysOf(run.claim([record('b', 2), record('c', 3)]).fresh)).toEqual(['c']);
    expect(run.distinct).toBe(3);
  });

  test('holds a key once, in its highest version (S11)', () => {
    const page = [record('a', 1), record('b', 2), record('a', 5), record('a', 3)];
    expect(claims().claim(page).fresh).toEqual([record('b', 2), record('a', 5)]);
  });

  test('holds the first of two that are equal', () => {
    expect(newestOfEachKey([record('a', 1, 'first'), record('a', 1, 'second')])).toEqual([
      record('a', 1, 'first'),
    ]);
  });

  test('keeps the highest version of every key, whatever the order', () => {
    const page = fc.array(
      fc
        .tuple(fc.constantFrom('a', 'b', 'c', undefined), fc.nat(9))
        .map(([key, version]) => record(key, version)),
    );
    fc.assert(
      fc.property(page, (records) => {
        const kept = newestOfEachKey(records);
        const known = keysOf(kept).filter((key) => key !== undefined);
        expect(new Set(known).size).toBe(known.length);
        expect(new Set(known)).toEqual(new Set(keysOf(records).filter((key) => key !== undefined)));
        for (const { key, version } of records)
          expect(kept.some((one) => one.key === key && one.version >= version)).toBe(true);
        expect(kept.filter(({ key }) => key === undefined).length).toBe(
          records.filter(({ key }) => key === undefined).length,
        );
      }),
    );
  });

  test('leaves what lies beyond the window to the next run, but has read it', () => {
    const run = claims();
    const { fresh, mark } = run.claim([record('a', until), record('b', until + 1)]);
    expect(keysOf(fresh)).toEqual(['a']);
    expect(mark).toEqual({ version: until, keys: ['a'], read: 1 });
    expect(run.distinct).toBe(2);
  });
});

describe('a record without its key', () => {
  test('is a dead letter, once', () => {
    const run = claims();
    const { fresh, letters } = run.claim([
      record(undefined, 1, 'x'),
      record('a', 1),
      record(undefined, 1, 'y'),
    ]);
    expect(keysOf(fresh)).toEqual(['a']);
    expect(letters).toEqual([
      {
        service: 'lists',
        key: undefined,
        reason: 'the record has no key',
        payload: record(undefined, 1, 'x').value,
      },
      {
        service: 'lists',
        key: undefined,
        reason: 'the record has no key',
        payload: record(undefined, 1, 'y').value,
      },
    ]);
    expect(run.claim([record(undefined, 1, 'x')]).letters).toEqual([]);
    expect(run.distinct).toBe(3);
  });

  test('beyond the window is the next run’s', () => {
    expect(claims().claim([record(undefined, until + 1)]).letters).toEqual([]);
  });
});

describe('a resumed run (S8)', () => {
  const resumed = { version: 500, keys: ['a', 'b'] };
  const page = [record('z', 499), record('a', 500), record('b', 500), record('c', 500), record('d', 501)];

  test('leaves out what was confirmed: everything before its version, and the known keys at it', () => {
    const run = claims(resumed);
    const { fresh, mark } = run.claim(page);
    expect(keysOf(fresh)).toEqual(['c', 'd']);
    expect(mark.read).toBe(2);
    expect(run.distinct).toBe(2);
  });

  test('leaves out what has no key and is older than its checkpoint', () => {
    const old = [record(undefined, 499), record(undefined, 500)];
    expect(claims(resumed).claim(old).letters).toMatchObject([{ payload: old[1]?.value }]);
  });

  test('that begins again takes what an earlier session had, but not what it had itself', () => {
    const run = claims(resumed);
    run.claim(page);
    run.again();
    const { fresh, mark } = run.claim([record('y', 100), ...page]);
    expect(keysOf(fresh)).toEqual(['y']);
    expect(mark.read).toBe(6);
    expect(run.distinct).toBe(6);
  });

  test('takes a known key that has changed since', () => {
    expect(keysOf(claims(resumed).claim([record('a', 501)]).fresh)).toEqual(['a']);
  });
});

describe('what a page leaves for the checkpoint', () => {
  test('is its greatest version inside the window and all keys at it, whoever publishes them', () => {
    const run = claims();
    run.claim([record('a', 7)]);
    const { mark } = run.claim([record('a', 7), record('b', 6), record('c', 7), record(undefined, 7)]);
    expect(mark).toEqual({ version: 7, keys: ['a', 'c'], read: 3 });
  });

  test('is no version when the page had nothing inside the window', () => {
    expect(claims().claim([]).mark).toEqual({ version: undefined, keys: [], read: 0 });
    expect(claims().claim([record('b', until + 1)]).mark.version).toBeUndefined();
  });
});
