import { expect, test } from 'vitest';
import { timeOf } from '../../src/schedule/moment.ts';

const then = { at: 1_000_000, elapsed: 500 };
const minute = 60_000;
const by = (passed: number, jumped: number) =>
  timeOf(then, { now: () => then.at + passed + jumped, elapsed: () => then.elapsed + passed }) - then.at;

test('a moment stays what it was while the clocks go on together', () => {
  expect(by(5 * minute, 0)).toBe(0);
});

test('a moment moves back with a clock that is set back', () => {
  expect(by(5 * minute, -60 * minute)).toBe(-60 * minute);
});

test('a moment stays when the clock is set forward or the machine slept: which of them cannot be told', () => {
  expect(by(5 * minute, 60 * minute)).toBe(0);
});

test('a moment does not slip by the milliseconds between two looks at two clocks, past the time it fired at', () => {
  expect([by(5 * minute, -1), by(5 * minute, -900)]).toEqual([0, 0]);
});
