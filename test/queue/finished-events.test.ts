import { EventEmitter } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import {
  createFinishedEvents,
  type FinishedEvents,
  type OpenEvents,
} from '../../src/queue/finished-events.ts';
import { until } from '../support/until.ts';

const opened: FinishedEvents[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

/** Events of which each opening goes as told: what `run` does. */
function eventsThat(...runs: (() => Promise<unknown>)[]) {
  const emitters: EventEmitter[] = [];
  let cuts = 0;
  const open = (): OpenEvents => {
    const emitter = new EventEmitter();
    const run = runs[emitters.length] ?? (() => new Promise(() => undefined));
    emitters.push(emitter);
    const events = Object.assign(emitter, {
      run,
      close: () => Promise.reject(new Error('cannot be closed')),
    });
    return { events, cut: async () => void (await Promise.resolve((cuts += 1))) };
  };
  const fastClock = { ...systemClock, sleep: (ms: number, s: AbortSignal) => systemClock.sleep(ms / 20, s) };
  const finished = createFinishedEvents(open, fastClock);
  opened.push(finished);
  return { finished, emitters, cuts: () => cuts };
}

test('events are opened with the first listener and closed with the last', async () => {
  const { finished, emitters, cuts } = eventsThat();
  const wakes = { one: 0, other: 0 };
  expect(emitters).toHaveLength(0);
  const leaveOne = finished.listen(() => (wakes.one += 1));
  const leaveOther = finished.listen(() => (wakes.other += 1));
  expect(emitters).toHaveLength(1);
  emitters[0]?.emit('completed');
  await until(() => wakes.one === 1 && wakes.other === 1);
  leaveOne();
  leaveOne();
  emitters[0]?.emit('failed');
  await until(() => wakes.other === 2);
  expect(wakes.one).toBe(1);
  expect(cuts()).toBe(0);
  leaveOther();
  await until(() => cuts() === 1);
  finished.listen(() => undefined);
  expect(emitters).toHaveLength(2);
});

test('events that fail are opened again, and nothing is heard of it', async () => {
  const { finished, emitters, cuts } = eventsThat(
    () => Promise.reject(new Error('no schema yet')),
    () => Promise.resolve(),
  );
  let wakes = 0;
  finished.listen(() => (wakes += 1));
  await until(() => emitters.length === 3);
  expect(cuts()).toBe(2);
  emitters[2]?.emit('error', new Error('connection lost'));
  await until(() => emitters.length === 4);
  emitters[3]?.emit('completed');
  await until(() => wakes === 1);
});

test('a listener that leaves while a wake is on its way is not woken', async () => {
  const { finished, emitters } = eventsThat();
  let wakes = 0;
  let others = 0;
  const leave = finished.listen(() => (wakes += 1));
  finished.listen(() => (others += 1));
  emitters[0]?.emit('completed');
  leave();
  await until(() => others === 1);
  expect(wakes).toBe(0);
});
