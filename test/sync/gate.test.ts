import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { isAbort, QueueError } from '../../src/model/errors.ts';
import type { EventBody } from '../../src/model/events.ts';
import type { Pressure } from '../../src/sink/contract.ts';
import { createFullQueues } from '../../src/sync/full-queues.ts';
import { createGate, fullness, type Gate, type GateParts } from '../../src/sync/gate.ts';
import { createOutage } from '../../src/sync/outage.ts';
import { manualClock } from '../state/manual-clock.ts';
import { createMemorySink } from '../support/memory-sink.ts';

const never = new AbortController().signal;
const limits = { waitingJobs: 100, unconfirmedBytes: 1_000_000 };
const calm: Pressure = { waiting: 0, workers: 2, memory: undefined };

function gateOver(different: Partial<GateParts> = {}) {
  const clock = manualClock();
  const events: EventBody[] = [];
  const emit = (event: EventBody): void => void events.push(event);
  const unconfirmed = { value: 0 };
  const state = { pressure: calm, looks: 0 };
  const sink = {
    ...createMemorySink(),
    pressure: async () => {
      state.looks += 1;
      return await Promise.resolve(state.pressure);
    },
  };
  const outage = createOutage(sink.name, clock, emit);
  const full = createFullQueues(emit);
  const parts = { sink, outage, limits: () => limits, unconfirmed, full, clock, ...different };
  const told = (): string[] => events.map(({ type }) => type);
  return { gate: createGate(parts), another: createGate(parts), clock, state, unconfirmed, told, events };
}

/** Whether somebody gets through within a moment. */
async function passes(gate: Gate): Promise<boolean> {
  const enough = new AbortController();
  let through = false;
  const passing = gate.pass(enough.signal).then(
    () => (through = true),
    () => {},
  );
  for (let turns = 0; turns < 5; turns += 1) await turn();
  const result = through;
  enough.abort();
  await passing;
  return result;
}

const blind = (): undefined => undefined;
const check = (judge: typeof fullness): void =>
  expect(judge({ ...calm, waiting: 100 }, limits, 0)).toBe('100 jobs wait (limit 100)');

describe('the gate before each page (S17)', () => {
  test.each<[string, Partial<Pressure>, number, boolean]>([
    ['nothing waits', {}, 0, true],
    ['almost too many jobs wait', { waiting: 99 }, 0, true],
    ['too many jobs wait', { waiting: 100 }, 0, false],
    ['almost too much is unconfirmed', {}, 999_999, true],
    ['too much is unconfirmed', {}, 1_000_000, false],
    ['the memory is nearly at 80 %', { memory: 0.79 }, 0, true],
    ['the memory is at 80 %', { memory: 0.8 }, 0, false],
  ])('when %s', async (_, pressure, bytes, open) => {
    const { gate, state, unconfirmed, told } = gateOver();
    state.pressure = { ...calm, ...pressure };
    unconfirmed.value = bytes;
    expect(await passes(gate)).toBe(open);
    expect(told()).toEqual(open ? [] : ['queue.full', 'queue.flowing']);
  });

  test('says once why it is closed and how many workers there are, and once when it is open again', async () => {
    const { gate, clock, state, events } = gateOver();
    state.pressure = { waiting: 100, workers: 0, memory: undefined };
    const passing = gate.pass(never);
    for (let seconds = 0; seconds < 3; seconds += 1) await clock.pass(1000);
    expect(events).toEqual([
      { type: 'queue.full', queue: 'queue "memory"', reason: '100 jobs wait (limit 100)', workers: 0 },
    ]);
    state.pressure = calm;
    for (let looks = 0; looks < 25; looks += 1) await clock.pass(50);
    await passing;
    expect(events.at(-1)).toEqual({ type: 'queue.flowing', queue: 'queue "memory"', hasRoom: true });
    expect(events).toHaveLength(2);
  });

  test('looks at the queue once a second, however many pages pass', async () => {
    const { gate, clock, state } = gateOver();
    for (let page = 0; page < 20; page += 1) await gate.pass(never);
    expect(state.looks).toBe(1);
    await clock.pass(999);
    await gate.pass(never);
    expect(state.looks).toBe(1);
    await clock.pass(1);
    await gate.pass(never);
    expect(state.looks).toBe(2);
  });

  test('opens as soon as bytes are confirmed, without another look', async () => {
    const { gate, clock, state, unconfirmed } = gateOver();
    unconfirmed.value = 2_000_000;
    const passing = gate.pass(never);
    await clock.pass(50);
    unconfirmed.value = 0;
    await clock.pass(50);
    await passing;
    expect(state.looks).toBe(1);
  });

  test('takes other limits into force at once', async () => {
    let jobs = 100;
    const { gate, state } = gateOver({ limits: () => ({ ...limits, waitingJobs: jobs }) });
    state.pressure = { ...calm, waiting: 150 };
    expect(await passes(gate)).toBe(false);
    jobs = 200;
    expect(await passes(gate)).toBe(true);
  });

  test('gives up after the time it was given, with what to do', async () => {
    const { gate, clock, state } = gateOver({ giveUpMs: 500 });
    state.pressure = { waiting: 100, workers: 0, memory: undefined };
    const passing = gate.pass(never).catch((error: unknown) => error);
    for (let looks = 0; looks < 15; looks += 1) await clock.pass(50);
    expect(await passing).toMatchObject({
      code: 'queue.full',
      recovery: 'retry',
      message: 'queue "memory" is full: 100 jobs wait (limit 100), 0 workers',
    });
  });

  test('goes on waiting as long as consumers make some room, and gives up when they stop', async () => {
    const { gate, clock, state } = gateOver({ giveUpMs: 2500 });
    let gaveUp = false;
    state.pressure = { ...calm, waiting: 150 };
    const passing = gate.pass(never).catch(() => (gaveUp = true));
    for (let looks = 0; looks < 200; looks += 1) {
      await clock.pass(50);
      if (looks % 20 === 0) state.pressure = { ...calm, waiting: 149 - looks / 20 };
    }
    expect(gaveUp).toBe(false);
    for (let looks = 0; looks < 80; looks += 1) await clock.pass(50);
    await passing;
    expect(gaveUp).toBe(true);
  });

  test('is told to be closed once, however many runs stand before it, and open when the last has gone on', async () => {
    const { gate, another, clock, state, told } = gateOver();
    state.pressure = { ...calm, waiting: 100 };
    const passing = [gate.pass(never), another.pass(never)];
    for (let looks = 0; looks < 5; looks += 1) await clock.pass(50);
    expect(told()).toEqual(['queue.full']);
    state.pressure = calm;
    for (let looks = 0; looks < 25; looks += 1) await clock.pass(50);
    await Promise.all(passing);
    expect(told()).toEqual(['queue.full', 'queue.flowing']);
  });

  test('is not left closed for those who look on when the run before it ends', async () => {
    const { gate, clock, state, events } = gateOver();
    state.pressure = { ...calm, waiting: 100 };
    const cancel = new AbortController();
    const passing = gate.pass(cancel.signal).catch(isAbort);
    await clock.pass(50);
    cancel.abort();
    expect(await passing).toBe(true);
    // Which is no word about room.
    expect(events.at(-1)).toEqual({ type: 'queue.flowing', queue: 'queue "memory"', hasRoom: false });
  });

  test('rides through a queue that is down, and is left at once by who is cancelled', async () => {
    const { gate, clock, told, state } = gateOver();
    const cancel = new AbortController();
    Object.defineProperty(state, 'looks', {
      get: () => 0,
      set: () => {
        throw new QueueError('down', { code: 'queue.failed', recovery: 'retry' });
      },
    });
    const passing = gate.pass(cancel.signal).catch(isAbort);
    await clock.pass(250);
    expect(told()).toEqual(['queue.down']);
    cancel.abort();
    expect(await passing).toBe(true);
  });

  test('lets everything through when nothing is ever full (twin)', () => {
    check(fullness);
    expect(() => check(blind)).toThrow();
  });
});
