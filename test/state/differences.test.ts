import { describe, expect, test } from 'vitest';
import { differences } from '../../src/state/differences.ts';
import type { RawEntry } from '../../src/state/parse.ts';

const named = (...raws: readonly RawEntry[]) =>
  raws.map((raw) => ({ label: `list "${String(raw['list_id'])}"`, raw }));
const lines = (before: readonly RawEntry[], after: readonly RawEntry[]): string[] =>
  differences(named(...before), named(...after)).map(({ label, text }) => `${label}: ${text}`);

const a = { list_id: 'a', latest_timestamp: '2026-11-21T08:00:00Z' };
const b = { list_id: 'b' };

describe('differences between two versions', () => {
  test('are told by entry and field, with both values', () => {
    expect(lines([a, b], [{ ...a, latest_timestamp: null }, b])).toEqual([
      'list "a": latest_timestamp 2026-11-21T08:00:00Z -> null',
    ]);
    expect(lines([a], [{ ...a, worker_count: 8, paused: true }])).toEqual([
      'list "a": worker_count (none) -> 8, paused (none) -> true',
    ]);
    expect(lines([{ ...a, note: 'two words', id: 'x' }], [{ ...a, id: 'x' }])).toEqual([
      'list "a": note "two words" -> (none)',
    ]);
  });

  test('say which entries came and went', () => {
    expect(lines([a], [b])).toEqual(['list "b": added', 'list "a": removed']);
    expect(lines([], [a])).toEqual(['list "a": added']);
  });

  test('are none for another order or spelling', () => {
    expect(lines([a, b], [b, a])).toEqual([]);
    expect(lines([{ list_id: 'a', x: { c: 1, d: 2 } }], [{ x: { d: 2, c: 1 }, list_id: 'a' }])).toEqual([]);
  });

  test('show a value of any kind on one short line', () => {
    const long = 'x'.repeat(200);
    expect(lines([{ ...b, x: 'two\nlines' }], [{ ...b, x: { y: [1] } }])).toEqual([
      'list "b": x "two\\nlines" -> {"y":[1]}',
    ]);
    expect(lines([b], [{ ...b, x: long }])[0]?.length).toBeLessThan(100);
  });

  test('follow an entry by its id when everything else changed', () => {
    expect(lines([{ list_id: 'a', id: 'n' }], [{ list_id: 'c', id: 'n' }])).toEqual([
      'list "a": list_id a -> c',
    ]);
  });
});
