import { expect, test } from 'vitest';
import { type Claims, createClaims } from '../../src/sync/claims.ts';

const record = (key: string, version: number, more = '') => ({ key, version, value: { key, version, more } });
const noTail: ReadonlyMap<string, string> = new Map();
const service = 'lists';
const resumed = undefined;

function firstRun(known = noTail): Claims {
  return createClaims({ service, resumed, until: 1000, tailFrom: 940, known });
}

function secondRun(known: ReadonlyMap<string, string>): Claims {
  return createClaims({ service, resumed, until: 1100, tailFrom: 1040, known });
}

const keysOf = (claims: Claims, ...records: readonly ReturnType<typeof record>[]): (string | undefined)[] =>
  claims.claim(records).fresh.map(({ key }) => key);

function tailOfFirstRun(): ReadonlyMap<string, string> {
  const claims = firstRun();
  claims.claim([record('old', 900), record('a', 950), record('b', 1000), record('later', 1001)]);
  return claims.tail;
}

test('a tail is what the next overlap brings again', () => {
  expect([...tailOfFirstRun().keys()]).toEqual(['a', 'b']);
});

const overlap = [record('a', 950), record('b', 1000), record('c', 1050)];

test('what the run before published in this very version is not published again', () => {
  expect(keysOf(secondRun(tailOfFirstRun()), ...overlap)).toEqual(['c']);
});

test('without the tail it is (twin)', () => {
  expect(keysOf(secondRun(noTail), ...overlap)).toEqual(['a', 'b', 'c']);
});

test('a record that came to light late, in another version, or changed again within the second, is published', () => {
  const found = [
    record('late', 955),
    record('b', 1001),
    record('a', 950, 'changed again in the same second'),
  ];
  expect(keysOf(secondRun(tailOfFirstRun()), ...found)).toEqual(['late', 'b', 'a']);
});

test('what is known counts as read, and stays in the tail of the run that saw it', () => {
  const claims = firstRun(tailOfFirstRun());
  const { mark } = claims.claim([record('a', 950)]);
  expect(mark.read).toBe(1);
  expect(claims.distinct).toBe(1);
  expect([...claims.tail.keys()]).toEqual(['a']);
});
