import { describe, expect, test } from 'vitest';
import { createSignals, type EndSignal, type Signals } from '../../src/cli/signals.ts';

/** Signals by the second they come in. */
function play(
  sequence: readonly (readonly [seconds: number, signal: EndSignal])[],
  passing = true,
): { heard: string[]; ends: (readonly [code: number, withinMs: number])[]; signals: Signals } {
  let now = 0;
  const heard: string[] = [];
  const ends: (readonly [number, number])[] = [];
  const signals = createSignals({
    clock: { elapsed: () => (passing ? now : 0) },
    end: (code, withinMs) => ends.push([code, withinMs]),
  });
  signals.listen((signal) => heard.push(signal));
  for (const [seconds, signal] of sequence) {
    now = seconds * 1000;
    signals.receive(signal);
  }
  return { heard, ends, signals };
}

test('the first request asks and ends nothing by itself', () => {
  expect(play([[0, 'SIGTERM']])).toMatchObject({ heard: ['SIGTERM'], ends: [] });
});

const closingTerminal = [
  [10, 'SIGHUP'],
  [10.01, 'SIGHUP'],
  [10.02, 'SIGTERM'],
  [10.2, 'SIGTERM'],
  [10.49, 'SIGHUP'],
] as const;

test('all that a closing terminal sends is one request', () => {
  expect(play(closingTerminal)).toMatchObject({ heard: ['SIGHUP'], ends: [] });
});

test('a second ctrl-C forces with 130, a second TERM or HUP with 143, in a few seconds at most', () => {
  expect(
    play([
      [0, 'SIGINT'],
      [0.5, 'SIGINT'],
    ]),
  ).toMatchObject({
    heard: ['SIGINT', 'SIGINT'],
    ends: [[130, 5000]],
  });
  expect(
    play([
      [0, 'SIGINT'],
      [3, 'SIGTERM'],
    ]).ends,
  ).toEqual([[143, 5000]]);
  expect(
    play([
      [0, 'SIGTERM'],
      [3, 'SIGHUP'],
    ]).ends,
  ).toEqual([[143, 5000]]);
});

test('a third ends at once', () => {
  expect(
    play([
      [0, 'SIGINT'],
      [1, 'SIGINT'],
      [2, 'SIGINT'],
    ]).ends,
  ).toEqual([
    [130, 5000],
    [130, 0],
  ]);
});

test('a key held down for a while is one request each half second', () => {
  const held = Array.from({ length: 40 }, (_, index) => [index * 0.03, 'SIGINT'] as const);
  expect(play(held).ends).toEqual([
    [130, 5000],
    [130, 0],
  ]);
});

describe('a listener that is gone', () => {
  test('hears nothing more, but requests are counted all the same', () => {
    const { signals } = play([]);
    const heard: string[] = [];
    const stop = signals.listen((signal) => heard.push(signal));
    stop();
    signals.receive('SIGINT');
    expect(heard).toEqual([]);
  });
});

test('twin: where every signal counts, closing a terminal forces', () => {
  const apart = closingTerminal.map(([, signal], index) => [index, signal] as const);
  expect(play(apart).ends.length).toBeGreaterThan(0);
});
