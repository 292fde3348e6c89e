import { expect, test } from 'vitest';
import { createClaims } from '../../src/sync/claims.ts';

const record = (key: string, version: number) => ({ key, version, value: { key, version } });
const noTail: ReadonlyMap<string, number> = new Map();
const options = { service: 'lists', until: 1000, resumed: undefined, tailFrom: 940 };

/** What a second run publishes of an overlap that the first one has published. */
function publishedAgain(known: ReadonlyMap<string, number>): string[] {
  const claims = createClaims({ ...options, until: 1100, tailFrom: 1040, known });
  return claims
    .claim([record('a', 950), record('b', 1000), record('c', 1050)])
    .fresh.map(({ key }) => key ?? '');
}

function tailOfFirstRun(): ReadonlyMap<string, number> {
  const claims = createClaims({ ...options, known: noTail });
  claims.claim([record('old', 900), record('a', 950), record('b', 1000), record('later', 1001)]);
  return claims.tail;
}

test('a tail is what the next overlap brings again', () => {
  expect([...tailOfFirstRun()]).toEqual([
    ['a', 950],
    ['b', 1000],
  ]);
});

test('what the run before published in this very version is not published again', () => {
  expect(publishedAgain(tailOfFirstRun())).toEqual(['c']);
});

test('without the tail it is (twin)', () => {
  expect(publishedAgain(noTail)).toEqual(['a', 'b', 'c']);
});

test('a record that came to light late, or in another version, is published', () => {
  const claims = createClaims({ ...options, known: new Map([['a', 950]]) });
  const { fresh } = claims.claim([record('a', 951), record('late', 955)]);
  expect(fresh.map(({ key }) => key)).toEqual(['a', 'late']);
});

test('what is known counts as read, and stays in the tail of the run that saw it', () => {
  const claims = createClaims({ ...options, known: new Map([['a', 950]]) });
  const { mark } = claims.claim([record('a', 950)]);
  expect(mark.read).toBe(1);
  expect(claims.distinct).toBe(1);
  expect([...claims.tail]).toEqual([['a', 950]]);
});
