import { describe, expect, test } from 'vitest';
import { createBudget, mostDead } from '../../src/sync/budget.ts';

describe('how many records of a run may die', () => {
  test.each([
    [0, 10],
    [999, 10],
    [1099, 10],
    [1100, 11],
    [50_000, 500],
    [100_000, 1000],
    [10_000_000, 1000],
  ])('of %i read: %i', (read, most) => {
    expect(mostDead(read)).toBe(most);
  });

  test('one more is an alarm that says why the last one died', () => {
    const budget = createBudget(0, () => 5);
    for (let dead = 0; dead < 10; dead += 1) budget.spend('bad');
    expect(() => budget.spend('no such table')).toThrow(
      expect.objectContaining({
        code: 'run.too_many_dead',
        recovery: 'stop',
        message:
          'consumers refused 11 records, more than the 10 that one run may bury; the last one: no such table',
      }),
    );
  });

  test('those of earlier sessions count, and so does what was read since', () => {
    let read = 0;
    const budget = createBudget(9, () => read);
    budget.spend('bad');
    expect(() => budget.spend('bad')).toThrow('refused 11 records');
    read = 100_000;
    expect(() => budget.spend('bad')).not.toThrow();
  });

  test('of a long reason the beginning is told', () => {
    const budget = createBudget(10, () => 0);
    expect(() => budget.spend('x'.repeat(5000))).toThrow(/; the last one: x{200}\.\.\.$/);
  });
});
