import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { isAbort, QueueError } from '../../src/model/errors.ts';
import type { EventBody } from '../../src/model/events.ts';
import type { Pressure } from '../../src/sink/contract.ts';
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
  const gate = createGate({ sink, outage, limits: () => limits, unconfirmed, clock, emit, ...different });
  return { gate, clock, state, unconfirmed, told: () => events.map(({ type }) => type), events };
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
    expect(told()).toEqual(open ? [] : ['queue.full']);
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
    expect(events.at(-1)).toEqual({ type: 'queue.flowing', queue: 'queue "memory"' });
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
