import { expect, test } from 'vitest';
import { createChangeOrder } from '../../src/simulator/change-order.ts';

test('members stand in the order of their changes, those of one second by number, also beyond two millions', () => {
  const count = 3_000_000;
  const latest = 1_790_000_000;
  const order = createChangeOrder(
    Uint32Array.from({ length: count }, (_, member) => latest - Math.floor(member / 3)),
  );
  expect(order.read(0, 4)).toEqual([count - 3, count - 2, count - 1, count - 6]);
  expect(order.read(count - 4, count)).toEqual([5, 0, 1, 2]);
  expect(order.secondOf(count - 1)).toBe(latest - count / 3 + 1);
});
