import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KnownEntry, matchEntries } from '../../src/state/match.ts';
import type { RawEntry } from '../../src/state/parse.ts';

const early = '2026-11-21T10:00:00Z';
const late = '2026-11-21T12:00:00Z';

function known(...raws: readonly RawEntry[]): KnownEntry[] {
  return raws.map((raw, index) => ({ identity: 'ABCDEFGH'[index] ?? '?', raw }));
}

/** Who each entry of the new version is: a letter of the version before, `+` for new, `?` for ambiguous. */
function who(before: readonly RawEntry[], after: readonly RawEntry[]): string {
  const { entries } = matchEntries(known(...before), after, () => 'drawn');
  return entries
    .map(({ kind, identity }) => (kind === 'same' ? identity : kind === 'new' ? '+' : '?'))
    .join('');
}

describe('an entry stays who it is (S3)', () => {
  const a = { list_id: 'a', latest_timestamp: early };
  const b = { list_id: 'b', latest_timestamp: late };
  const c = { service: 'c' };

  test('when nothing changed, entries move, go and come', () => {
    expect(who([a, b, c], [a, b, c])).toBe('ABC');
    expect(who([a, b, c], [c, a, b])).toBe('CAB');
    expect(who([a, b, c], [c])).toBe('C');
    expect(who([a], [c, a, b])).toBe('+A+');
    expect(matchEntries(known(a, b), [b], () => 'x').gone).toEqual(['A']);
  });

  test('when its fields change, the cursor and unknown fields included', () => {
    expect(who([a, b], [b, { ...a, worker_count: 2, note: 'mine', latest_timestamp: null }])).toBe('BA');
  });

  test('by its id, whatever else changes', () => {
    expect(
      who(
        [
          { id: 'x', ...a },
          { id: 'y', ...b },
        ],
        [
          { id: 'y', ...a },
          { id: 'x', list_id: 'z' },
        ],
      ),
    ).toBe('BA');
  });

  test('when it is given an id, or another one', () => {
    expect(
      who(
        [a, b],
        [
          { id: 'x', ...b },
          { id: 'y', ...a },
        ],
      ),
    ).toBe('BA');
    expect(who([{ id: 'x', ...a }], [{ id: 'y', ...a }])).toBe('A');
  });

  test('an entry of another list is another entry', () => {
    expect(who([a], [{ ...a, list_id: 'z' }])).toBe('+');
  });

  test('an entry without a name of a list is matched like any other', () => {
    expect(who([{ worker_count: 1 }], [{ worker_count: 2 }])).toBe('A');
  });
});

describe('several entries of one list are told apart', () => {
  const x = { list_id: 'a', sink: 'x', latest_timestamp: early };
  const y = { list_id: 'a', sink: 'y', latest_timestamp: late };

  test('by the most equal fields', () => {
    const reset = [
      { ...y, latest_timestamp: null },
      { ...x, latest_timestamp: null },
    ];
    expect(who([x, y], reset)).toBe('BA');
  });

  test('by an equal cursor where the fields are tied', () => {
    const one = { list_id: 'a', latest_timestamp: early };
    const two = { list_id: 'a', latest_timestamp: late };
    expect(who([one, two], [{ ...two, worker_count: 3 }])).toBe('B');
    expect(
      who(
        [one, two],
        [
          { ...two, worker_count: 3 },
          { ...one, worker_count: 3 },
        ],
      ),
    ).toBe('BA');
  });

  test('an equal cursor is equal however it is spelled', () => {
    const one = { list_id: 'a', latest_timestamp: '2026-11-21T10:00:00' };
    const two = { list_id: 'a', latest_timestamp: 'null' };
    expect(
      who(
        [one, two],
        [
          { list_id: 'a', n: 1 },
          { list_id: 'a', n: 1, latest_timestamp: early },
        ],
      ),
    ).toBe('BA');
  });

  test('by their order where they are the same in everything', () => {
    const one = { list_id: 'a', latest_timestamp: early };
    expect(who([one, one], [one, one])).toBe('AB');
    expect(who([one, one], [one])).toBe('A');
    expect(who([one], [one, one])).toBe('A+');
  });

  test('a cursor that we wrote into one of two equal entries does not exchange them', () => {
    const one = { list_id: 'a', latest_timestamp: early };
    expect(who([one, one], [{ ...one, latest_timestamp: late }, one])).toBe('AB');
  });

  test('a copy of an entry is the new one', () => {
    expect(who([x], [{ ...x, latest_timestamp: null }, x])).toBe('+A');
  });
});

describe('where different cursors stay tied nobody guesses', () => {
  const one = { list_id: 'a', latest_timestamp: early };
  const two = { list_id: 'a', latest_timestamp: late };
  const reset = { list_id: 'a', latest_timestamp: null };

  test('two entries, and one is left with a third cursor', () => {
    const { entries, gone } = matchEntries(known(one, two), [reset], () => 'drawn');
    expect(entries).toEqual([{ identity: 'drawn', raw: reset, kind: 'ambiguous' }]);
    expect(gone).toEqual(['A', 'B']);
  });

  test('one entry, and two copies with other cursors', () => {
    expect(who([one], [two, reset])).toBe('??');
  });

  test('the entries of other lists are not touched by it', () => {
    expect(who([one, two, { list_id: 'b' }], [reset, { list_id: 'b', n: 1 }])).toBe('?C');
  });

  test('an id tells them apart', () => {
    expect(
      who(
        [
          { id: 'x', ...one },
          { id: 'y', ...two },
        ],
        [{ id: 'y', ...reset }],
      ),
    ).toBe('B');
  });

  test('equal cursors need no guess', () => {
    expect(who([reset, reset], [{ ...one, n: 1 }])).toBe('A');
  });
});

describe('for any two versions', () => {
  const entry = fc.record(
    {
      list_id: fc.constantFrom('a', 'b'),
      id: fc.constantFrom('x', 'y'),
      sink: fc.constantFrom('p', 'q'),
      worker_count: fc.nat(2),
      latest_timestamp: fc.constantFrom(null, early, late),
    },
    { requiredKeys: ['list_id'] },
  );
  const version = fc.array(entry, { maxLength: 6 });

  test('no identity is given twice, and every old one is either found or gone', () => {
    fc.assert(
      fc.property(version, version, (before, after) => {
        let drawn = 0;
        const { entries, gone } = matchEntries(known(...before), after, () => `new-${drawn++}`);
        const identities = entries.map((found) => found.identity);
        expect(new Set(identities).size).toBe(after.length);
        const same = entries.filter((found) => found.kind === 'same').map((found) => found.identity);
        expect([...same, ...gone].toSorted()).toEqual(
          known(...before)
            .map((old) => old.identity)
            .toSorted(),
        );
      }),
    );
  });

  /** Distinct entries are found again in any order. */
  function checkOrder(match: typeof matchEntries): void {
    const distinct = fc.uniqueArray(entry, { maxLength: 6, selector: (raw) => JSON.stringify(raw) });
    const shuffled = distinct.chain((raws) =>
      fc.tuple(fc.constant(raws), fc.shuffledSubarray(raws, { minLength: raws.length })),
    );
    fc.assert(
      fc.property(shuffled, ([before, after]) => {
        for (const { identity, raw } of match(known(...before), after, () => 'drawn').entries) {
          expect(known(...before).find((old) => old.identity === identity)?.raw).toEqual(raw);
        }
      }),
    );
  }

  test('distinct entries are found again in any order', () => {
    checkOrder(matchEntries);
  });

  test('twin: matching by place alone does not find them', () => {
    expect(() =>
      checkOrder((before, after) => ({
        entries: after.map((raw, index) => ({ identity: before[index]?.identity ?? '', raw, kind: 'same' })),
        gone: [],
      })),
    ).toThrow();
  });
});

test('2,000 entries of one service that were all edited are matched within seconds', () => {
  const before = Array.from({ length: 2000 }, (_, n) => ({
    service: 's',
    account: `a${n}`,
    worker_count: 1,
  }));
  const after = before.map((raw) => Object.assign({}, raw, { worker_count: 2 })).toReversed();
  const old = before.map((raw, index) => ({ identity: `${index}`, raw }));
  const start = performance.now();
  const { entries } = matchEntries(old, after, () => 'drawn');
  expect(entries.every((found, index) => found.identity === `${1999 - index}`)).toBe(true);
  expect(performance.now() - start).toBeLessThan(5000);
});
