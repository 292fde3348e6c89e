import { setImmediate as turn } from 'node:timers/promises';
import type { RangedPage, SourceRecord, Window } from '../../src/model/record.ts';
import type { RangedSource } from '../../src/source/contract.ts';

/** A sorted list in memory that moves at every request: members change (and so leave the window) or depart for ever. */
export interface MovingList extends RangedSource {
  /** Every member that is there now, by key: its version. */
  readonly members: ReadonlyMap<string, number>;
  readonly requests: () => number;
  /** Members that departed while some run was on. */
  readonly departed: ReadonlySet<string>;
  /** Lets `count` members change or depart now. */
  move(count: number): void;
}

export interface MovingListOptions {
  readonly members: number;
  /** Draws 0..1. */
  readonly random: () => number;
  /** Members that move with every request. */
  readonly movesPerRequest?: number;
  /** Share of the moves that are departures. */
  readonly departures?: number;
  /** Epoch seconds at the start. */
  readonly now?: number;
  /** Over how many seconds the members are spread at the start. */
  readonly seconds?: number;
  /** How many event loop turns an answer takes at most, drawn for each request. */
  readonly turns?: number;
}

export function createMovingList(options: MovingListOptions): MovingList {
  const { random, movesPerRequest = 0, departures = 0.2, seconds = 90_000, turns = 4 } = options;
  let now = options.now ?? 1_800_000_000;
  let requests = 0;
  const members = new Map<string, number>();
  const departed = new Set<string>();
  for (let i = 0; i < options.members; i += 1) {
    members.set(`m${i}`, now - 100_000 + Math.floor((i / options.members) * seconds));
  }
  const pick = (): string => {
    for (;;) {
      const key = `m${Math.floor(random() * options.members)}`;
      if (members.has(key)) return key;
    }
  };
  const move = (count: number): void => {
    for (let i = 0; i < count && members.size > 1; i += 1) {
      const key = pick();
      members.delete(key);
      if (random() < departures) departed.add(key);
      else members.set(key, now);
    }
  };
  const inWindow = (window: Window): SourceRecord[] =>
    [...members]
      .filter(
        ([, version]) => (window.since === null || version > window.since) && version <= window.until + 1,
      )
      .toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
      .map(([key, version]) => ({ key, version, value: { id: key, version } }));
  const answer = async <T>(signal: AbortSignal, make: () => T): Promise<T> => {
    const before = Math.floor(random() * turns);
    for (let i = 0; i < before; i += 1) await turn();
    signal.throwIfAborted();
    requests += 1;
    now += random() < 0.3 ? 1 : 0;
    move(movesPerRequest);
    const made = make();
    const after = Math.floor(random() * turns);
    for (let i = 0; i < after; i += 1) await turn();
    signal.throwIfAborted();
    return made;
  };

  return {
    members,
    departed,
    requests: () => requests,
    move,
    probe: async (since, signal) =>
      await answer(signal, () => ({ now: now * 1000, total: inWindow({ since, until: now }).length })),
    read: async ({ window, offset, limit }, signal): Promise<RangedPage> =>
      await answer(signal, () => {
        const all = inWindow(window);
        const records = all.slice(offset, offset + limit);
        return { records, total: all.length, bytes: records.length * 50 };
      }),
    total: async (window, signal) => await answer(signal, () => inWindow(window).length),
  };
}

/** A small seeded generator (mulberry32): the same seed draws the same numbers. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
