import { describe, expect, test } from 'vitest';
import { isDrained, openProcessing } from '../../src/controller/processing.ts';
import { createChainedList } from '../support/chained-list.ts';
import { createFastClock } from '../support/fast-clock.ts';
import { createMemorySink } from '../support/memory-sink.ts';
import { createProcessingSink } from '../support/processing-sink.ts';
import { openSessionWorld } from '../support/session-world.ts';
import { until } from '../support/until.ts';

const never = new AbortController().signal;
const clock = createFastClock(100);
const chunk = (id: string) => ({ id, keys: [id], values: [{ id }], bytes: 1 });

function world(giveUpMs?: number) {
  const sink = createProcessingSink();
  sink.working = false;
  const opened = { kind: 'chained' as const, source: createChainedList() };
  const late = giveUpMs === undefined ? {} : { giveUpMs };
  const session = openSessionWorld({ opened, sink, clock, entries: [{ service: 'TEST' }], ...late });
  const process = session.start();
  const drain = new AbortController();
  const cancel = new AbortController();
  const signals = {
    cancel: cancel.signal,
    drain: drain.signal,
    current: () => process.entry().entry,
    onRun: () => {},
    onWrite: () => {},
  };
  const name = { key: 'e1', label: 'x' };
  const open = (to = sink) =>
    openProcessing({ name, runId: 'r2', sink: to, read: () => 0, dead: 0 }, process.parts, signals);
  return { sink, receipts: process.store.receipts, open, signals, drain, cancel, events: session.events };
}

describe('what a session of a processed sink begins with', () => {
  test('is nothing for a sink that only holds chunks', async () => {
    const { open } = world();
    expect(await open({ ...createProcessingSink(), grade: createMemorySink().grade })).toBeUndefined();
  });

  test('waits until all that earlier sessions left is finished or gone, of this entry only, and forgets it', async () => {
    const { sink, receipts, open, events } = world();
    await sink.publish([chunk('a'), chunk('b')], never);
    for (const id of ['a', 'b', 'gone']) receipts.add('e1', id, 0);
    receipts.add('e2', 'other', 0);
    let isOpen = false;
    const opening = open().then(() => (isOpen = true));
    await until(() => events.some((event) => event.type === 'chunks.waiting' && event.chunks === 2));
    expect(isOpen).toBe(false);
    expect(receipts.of('e1')).toHaveLength(3);
    while (sink.work());
    await opening;
    expect(receipts.of('e1')).toEqual([]);
    expect(receipts.of('e2')).toEqual(['other']);
  });

  test.each(['drain', 'cancel'] as const)(
    'is given up by a %s, and what was left stays known',
    async (which) => {
      const { sink, receipts, open, signals, events, ...ends } = world();
      await sink.publish([chunk('a')], never);
      receipts.add('e1', 'a', 0);
      const opening = open().then(
        () => undefined,
        (error: unknown) => error,
      );
      await until(() => events.length > 0);
      ends[which].abort();
      expect(isDrained(await opening, signals)).toBe(which === 'drain');
      expect(receipts.of('e1')).toEqual(['a']);
    },
  );

  test('fails with what waits when nobody works and there is an end to patience', async () => {
    const { sink, receipts, open } = world(3000);
    await sink.publish([chunk('a')], never);
    receipts.add('e1', 'a', 0);
    await expect(open()).rejects.toMatchObject({ code: 'queue.unconfirmed' });
  });
});

test('that nobody takes the chunks is said once until somebody is there, also when none waits in between', async () => {
  const { sink, open, events } = world();
  let workers = 0;
  sink.pressure = async () => await Promise.resolve({ waiting: 1, workers, memory: undefined });
  const processing = await open();
  const pass = async (id: string): Promise<void> => {
    const told = events.length;
    await sink.publish([chunk(id)], never);
    const finished = processing?.watch.finished(chunk(id), never);
    await until(() => events.length > told);
    // Nobody is counted in the moment of the look.
    while (sink.work());
    await finished;
    await until(() =>
      events.some((event, at) => at > told && event.type === 'chunks.waiting' && event.chunks === 0),
    );
  };
  const unattended = (): number =>
    events.filter((event) => event.type === 'chunks.waiting' && event.unattended).length;
  await pass('a');
  await pass('b');
  expect(unattended()).toBe(1);
  workers = 1;
  await pass('c');
  workers = 0;
  await clock.sleep(6000, never);
  await pass('d');
  expect(unattended()).toBe(2);
});
