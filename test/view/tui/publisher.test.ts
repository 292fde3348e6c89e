import { expect, test } from 'vitest';
import { createPublisher } from '../../../src/view/tui/publisher.ts';
import { pulseOf } from '../../../src/view/tui/pulse.ts';
import { noFacts } from '../../../src/view/tui/state/facts.ts';
import { manualClock } from '../../state/manual-clock.ts';

function world(): {
  readonly frames: number[];
  readonly pass: (ms: number, step?: number) => Promise<void>;
  readonly publisher: ReturnType<typeof createPublisher>;
  readonly terminal: { isBackedUp: boolean; pulse: string };
} {
  const clock = manualClock();
  const frames: number[] = [];
  const terminal = { isBackedUp: false, pulse: '' };
  const publisher = createPublisher({
    clock,
    draw: () => void frames.push(clock.elapsed()),
    isBackedUp: () => terminal.isBackedUp,
    pulse: () => terminal.pulse,
  });
  /** In small steps, as real time goes. */
  const pass = async (ms: number, step = 10): Promise<void> => {
    for (let gone = 0; gone < ms; gone += step) await clock.pass(step);
  };
  return { frames, pass, publisher, terminal };
}

test('however much happens, there are four frames a second', async () => {
  const { frames, pass, publisher } = world();
  for (let at = 0; at < 300; at += 1) {
    for (let event = 0; event < 50; event += 1) publisher.changed();
    await pass(10);
  }
  // The first one at once, then one every 250 ms.
  expect(frames.length).toBe(13);
  await publisher.close();
});

test('a key is drawn at once, and for a second there are ten frames', async () => {
  const { frames, pass, publisher } = world();
  publisher.changed();
  await pass(100);
  publisher.touched();
  expect(frames).toEqual([0, 100]);
  for (let at = 0; at < 100; at += 1) {
    publisher.changed();
    await pass(10);
  }
  expect(frames.length).toBeGreaterThanOrEqual(11);
  expect(frames.length).toBeLessThanOrEqual(12);
  await publisher.close();
});

test('nothing happens, nothing is drawn', async () => {
  const { frames, pass, publisher } = world();
  publisher.changed();
  await pass(60_000, 500);
  expect(frames).toEqual([0]);
  await publisher.close();
});

test('the last change is always drawn', async () => {
  const { frames, pass, publisher } = world();
  publisher.changed();
  await pass(10);
  publisher.changed();
  await pass(1000);
  expect(frames).toEqual([0, 250]);
  await publisher.close();
});

test('time alone draws a frame when what depends on it changes, once a second at most', async () => {
  const { frames, pass, publisher, terminal } = world();
  publisher.changed();
  await pass(500);
  terminal.pulse = 'later';
  await pass(5000);
  expect(frames).toEqual([0, 1000]);
  await publisher.close();
});

test('nothing is drawn on a terminal that is behind, and the newest state as soon as it has caught up', async () => {
  const { frames, pass, publisher, terminal } = world();
  terminal.isBackedUp = true;
  for (let at = 0; at < 300; at += 1) {
    publisher.changed();
    await pass(10);
  }
  expect(frames).toEqual([]);
  terminal.isBackedUp = false;
  await pass(300);
  expect(frames).toHaveLength(1);
  await publisher.close();
});

test('after the end nothing is drawn', async () => {
  const { frames, pass, publisher } = world();
  publisher.changed();
  publisher.changed();
  await publisher.close();
  publisher.changed();
  await pass(1000);
  expect(frames).toEqual([0]);
});

test('an idle minute changes what depends on time a few times only, a busy one every second', () => {
  const start = Date.UTC(2026, 10, 21, 10, 51, 16);
  const idle = { ...noFacts, check: { at: start, next: start + 60_000 } };
  const pulses = (isRunning: boolean): number =>
    new Set(Array.from({ length: 60 }, (_, at) => pulseOf(idle, isRunning, undefined, start + at * 1000)))
      .size;
  expect(pulses(false)).toBeLessThanOrEqual(8);
  expect(pulses(true)).toBeGreaterThanOrEqual(60);
  const quit = { by: 'q', until: start + 10_000, running: 1 };
  expect(pulseOf({ ...idle, quit }, false, undefined, start)).not.toBe(
    pulseOf({ ...idle, quit }, false, undefined, start + 1000),
  );
  const toast = { text: 'done', tone: 'ok', until: start + 1500 } as const;
  expect(pulseOf(idle, false, toast, start)).not.toBe(pulseOf(idle, false, toast, start + 2000));
});
