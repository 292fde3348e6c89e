import { expect, test } from 'vitest';
import type { EventBody } from '../../src/model/events.ts';
import { createStoreOutage } from '../../src/queue/outage.ts';

test('an outage is told when it begins and when it is over, once each, whoever notices', () => {
  const events: EventBody[] = [];
  let now = 0;
  const clock = { now: () => now, elapsed: () => now, sleep: async () => await Promise.resolve() };
  const outage = createStoreOutage('redis://host:6379', clock, (event) => events.push(event));
  outage.over();
  outage.began(new Error('connect ECONNREFUSED'));
  outage.began(new Error('something else'));
  now = 2500;
  outage.over();
  outage.over();
  outage.began('odd');
  expect(events).toEqual([
    {
      type: 'queue.down',
      queue: 'redis://host:6379',
      reason: 'redis://host:6379: connect ECONNREFUSED',
      waitMs: 1000,
    },
    { type: 'queue.up', queue: 'redis://host:6379', downMs: 2500 },
    { type: 'queue.down', queue: 'redis://host:6379', reason: 'redis://host:6379: odd', waitMs: 1000 },
  ]);
});
