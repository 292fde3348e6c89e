import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  alwaysKept,
  mostGenerations,
  nextRoomStep,
  type RoomStep,
  type Worth,
} from '../../../src/state/generations/room.ts';

// S5: at most 50 versions; which of them stay when 26 runs end each hour.

const all = (count: number, worth: Worth): Worth[] => Array.from({ length: count }, () => worth);

describe('the next step towards room', () => {
  test('is none up to 50 versions, whatever they are worth', () => {
    for (const worth of ['person', 'ours', 'unknown'] as const) {
      expect(nextRoomStep(all(50, worth))).toEqual({ kind: 'enough' });
    }
    expect(nextRoomStep([])).toEqual({ kind: 'enough' });
  });

  test('is to drop the oldest that nobody misses', () => {
    expect(nextRoomStep(all(51, 'ours'))).toEqual({ kind: 'drop', place: 50 });
    expect(nextRoomStep([...all(48, 'ours'), ...all(3, 'person')])).toEqual({ kind: 'drop', place: 47 });
  });

  test('is to compare one that nobody has looked at yet', () => {
    expect(nextRoomStep([...all(50, 'unknown'), 'person'])).toEqual({ kind: 'compare', place: 49 });
  });

  test('never touches the newest 25: the oldest goes', () => {
    expect(nextRoomStep([...all(25, 'ours'), ...all(26, 'person')])).toEqual({ kind: 'drop', place: 50 });
    expect(nextRoomStep([...all(25, 'unknown'), ...all(26, 'person')])).toEqual({ kind: 'drop', place: 50 });
    expect(nextRoomStep([...all(24, 'ours'), 'person', 'ours', ...all(25, 'person')])).toEqual({
      kind: 'drop',
      place: 25,
    });
  });
});

interface Kept {
  readonly number: number;
  readonly truth: 'person' | 'ours';
  worth: Worth;
}

type Decide = (worth: readonly Worth[]) => RoomStep;

/** A folder in which one version after the other is kept; throws where the promise is broken. @returns comparisons made */
function play(truths: readonly Kept['truth'][], plain: number, decide: Decide): number {
  // An old folder: consecutive versions that nobody looked at.
  let kept: Kept[] = [];
  let compared = 0;
  for (const [place, truth] of truths.entries()) {
    kept.unshift({ number: place, truth, worth: 'unknown' });
    if (place < plain) {
      kept = kept.slice(0, mostGenerations);
      continue;
    }
    for (let step = decide(kept.map(({ worth }) => worth)); step.kind !== 'enough';) {
      const { place: at } = step;
      const version = kept[at];
      if (!version) throw new Error(`there is no version at ${at}`);
      if (step.kind === 'drop') kept = kept.filter((one) => one !== version);
      else {
        version.worth = version.truth;
        compared += 1;
      }
      step = decide(kept.map(({ worth }) => worth));
    }
    check(truths.slice(0, place + 1), kept, plain);
  }
  return compared;
}

function check(truths: readonly Kept['truth'][], kept: readonly Kept[], plain: number): void {
  const numbers = new Set(kept.map(({ number }) => number));
  if (numbers.size > mostGenerations) throw new Error(`${numbers.size} versions are kept`);
  const newest = truths.length - 1;
  for (let number = newest; number > newest - alwaysKept && number >= 0; number -= 1) {
    if (!numbers.has(number)) throw new Error(`${number} of the newest ones is gone`);
  }
  const persons = truths.flatMap((truth, number) => (truth === 'person' ? [number] : []));
  // What an older program has dropped nobody brings back.
  const reach = plain - mostGenerations;
  const missing = persons.slice(-alwaysKept).filter((number) => number >= reach && !numbers.has(number));
  if (missing.length > 0) throw new Error(`the changes before ${missing.join()} cannot be undone`);
}

const history = fc.record({
  // Stretches of runs with now and then a change, as they come.
  truths: fc
    .array(
      fc.tuple(
        fc.nat(60),
        fc.constantFrom('person' as const, 'ours' as const),
        fc.integer({ min: 1, max: 4 }),
      ),
      { minLength: 1, maxLength: 12 },
    )
    .map((stretches) =>
      stretches.flatMap(([runs, truth, times]) => [
        ...Array.from({ length: runs }, () => 'ours' as const),
        ...Array.from({ length: times }, () => truth),
      ]),
    ),
  plain: fc.constantFrom(0, 0, 20, 50, 80),
});

const drop = (place: number): RoomStep => ({ kind: 'drop', place });

const holds = (decide: Decide) =>
  fc.check(
    fc.property(history, ({ truths, plain }) => void play(truths, plain, decide)),
    { numRuns: 300, seed: 5 },
  );

describe('whatever ends and is changed', () => {
  test('there are never more than 50, the newest 25 are there, and the last 25 changes of a person can be undone', () => {
    expect(holds(nextRoomStep)).toMatchObject({ failed: false });
  });

  test('each version is compared once at most, and one a write at the usual pace', () => {
    const runs = Array.from({ length: 2000 }, (): Kept['truth'] => 'ours');
    expect(play(runs, 0, nextRoomStep)).toBe(2000 - mostGenerations);
    const edits = Array.from({ length: 2000 }, (): Kept['truth'] => 'person');
    expect(play(edits, 0, nextRoomStep)).toBe(2000 - alwaysKept);
  });

  const twins: Readonly<Record<string, Decide>> = {
    'drops the oldest, as it always did': (worth) =>
      worth.length <= mostGenerations ? { kind: 'enough' } : drop(worth.length - 1),
    'thins the newest too': (worth) => {
      if (worth.length <= mostGenerations) return { kind: 'enough' };
      const place = worth.findIndex((one) => one !== 'person');
      return place < 0 || worth[place] === 'ours' ? drop(Math.max(place, 0)) : { kind: 'compare', place };
    },
    'drops nothing that a person changed': (worth) => {
      const step = nextRoomStep(worth);
      return step.kind === 'drop' && worth[step.place] === 'person' ? { kind: 'enough' } : step;
    },
    'looks only at the one that has just become old': (worth) => {
      if (worth.length <= mostGenerations) return { kind: 'enough' };
      if (worth[alwaysKept] === 'unknown') return { kind: 'compare', place: alwaysKept };
      return drop(worth[alwaysKept] === 'ours' ? alwaysKept : worth.length - 1);
    },
  };
  test.each(Object.entries(twins))('twin: one that %s breaks that', (_name, decide) => {
    expect(holds(decide)).toMatchObject({ failed: true });
  });
});
