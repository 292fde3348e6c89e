import { expect, test } from 'vitest';
import { createQueueLook } from '../../src/controller/queue-look.ts';
import { QueueError } from '../../src/model/errors.ts';
import type { EventBody } from '../../src/model/events.ts';
import { createOutage } from '../../src/sync/outage.ts';
import { createFastClock } from '../support/fast-clock.ts';
import { until } from '../support/until.ts';

const clock = createFastClock(200);
const away = new QueueError('gone', { code: 'queue.unreachable', recovery: 'retry' });
const refused = new QueueError('wrong password', { code: 'queue.refused', recovery: 'config' });

function world() {
  const events: EventBody[] = [];
  const emit = (event: EventBody): void => void events.push(event);
  const end = new AbortController();
  const server = { pings: 0, failure: undefined as QueueError | undefined };
  const queue = {
    name: 'redis://h',
    async ping() {
      server.pings += 1;
      await Promise.resolve();
      if (server.failure) throw server.failure;
    },
  };
  const outage = createOutage(queue.name, clock, emit);
  const { signal } = end;
  const queueLook = createQueueLook({ queue, outage, everyMs: 60_000, clock, emit, signal });
  const types = (): readonly string[] => events.map(({ type }) => type);
  const look = (): void => queueLook.look();
  const settled = async (): Promise<void> => await queueLook.settled();
  return { server, look, settled, end, events, types };
}

test('a queue that is there is nothing to tell', async () => {
  const { server, look, settled, types } = world();
  look();
  await settled();
  expect([server.pings, types()]).toEqual([1, []]);
});

test('a queue that is away is told once, and that it is back; looks do not pile up', async () => {
  const { server, look, settled, types } = world();
  server.failure = away;
  look();
  await until(() => server.pings > 3);
  look();
  look();
  server.failure = undefined;
  await settled();
  expect(types()).toEqual(['queue.down', 'queue.up']);
});

test('a queue that does not let us in is told once, and the next look that it does', async () => {
  const { server, look, settled, events, types } = world();
  server.failure = refused;
  for (let times = 0; times < 3; times += 1) {
    look();
    await settled();
  }
  expect(events).toMatchObject([{ type: 'queue.down', reason: 'wrong password', waitMs: 60_000 }]);
  server.failure = undefined;
  look();
  await settled();
  look();
  await settled();
  expect(types()).toEqual(['queue.down', 'queue.up']);
});

test('a quit ends a look at once, and none begins after it', async () => {
  const { server, look, settled, end } = world();
  server.failure = away;
  look();
  await until(() => server.pings > 1);
  end.abort();
  await settled();
  const { pings } = server;
  look();
  await settled();
  expect(server.pings).toBe(pings);
});
