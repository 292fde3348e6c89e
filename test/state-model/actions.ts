import * as fc from 'fast-check';
import { change, type Change, document } from './changes.ts';
import type { StateDocument } from './document.ts';
import { type Way, ways } from './person.ts';

/** The fail points of a commit, in order (S24). */
export const points = [
  'state.create.before',
  'state.create.after',
  'state.sync.after',
  'state.link.after',
  'state.compare.after',
  'state.rename.after',
  'state.folder.before',
  'state.folder.after',
  'state.look.before',
] as const;

/** What comes in between while the controller writes: the person goes on saving, or the folder goes away. */
export interface Between {
  readonly point: (typeof points)[number];
  readonly steps: number;
  readonly away: boolean;
}

export type Action =
  | {
      readonly do: 'edit';
      readonly changes: readonly Change[];
      readonly way: Way;
      readonly cut: number;
      /** How far the save goes at once. */
      readonly steps: number;
    }
  | { readonly do: 'step'; readonly steps: number }
  | { readonly do: 'begin run'; readonly entry: number }
  | { readonly do: 'finish run'; readonly run: number; readonly between: readonly Between[] }
  | { readonly do: 'command'; readonly entry: number; readonly between: readonly Between[] }
  | { readonly do: 'check' }
  | { readonly do: 'two seconds'; readonly between: readonly Between[] }
  | { readonly do: 'folder away' }
  | { readonly do: 'folder back' }
  | { readonly do: 'restart' }
  | {
      readonly do: 'kill';
      readonly run: number;
      readonly at: Between['point'];
      readonly between: readonly Between[];
      /** How far the person's save goes until the next start. */
      readonly steps: number;
    };

export interface Sequence {
  readonly first: StateDocument;
  /** `state.json` is a symbolic link to a file of another folder. */
  readonly isLink: boolean;
  /** Editors resolve the link. */
  readonly follows: boolean;
  readonly actions: readonly Action[];
}

const number = fc.nat(7);
const steps = fc.nat(4);
const between: fc.Arbitrary<readonly Between[]> = fc.array(
  fc.record({
    point: fc.constantFrom(...points),
    steps,
    away: fc.integer({ min: 0, max: 30 }).map((drawn) => drawn === 30),
  }),
  { maxLength: 3 },
);

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('edit'),
      changes: fc.array(change, { minLength: 1, maxLength: 3 }),
      way: fc.constantFrom(...ways),
      cut: fc.nat(100),
      steps,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('step'), steps }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('begin run'), entry: number }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('finish run'), run: number, between }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('command'), entry: number, between }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('check') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('two seconds'), between }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('folder away') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('folder back') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('kill'),
      run: number,
      at: fc.constantFrom(...points),
      between,
      steps,
    }),
  },
);

/** What a commit must survive: a save that begins before it and goes on in the middle of it, or just after our rename. */
const savedMeanwhile: fc.Arbitrary<readonly Action[]> = fc
  .record({
    changes: fc.array(change, { minLength: 1, maxLength: 2 }),
    way: fc.constantFrom(...ways, 'held' as const, 'in place' as const),
    entry: number,
    steps,
    point: fc.constantFrom(...points, 'state.compare.after' as const, 'state.rename.after' as const),
    others: fc.array(action, { maxLength: 3 }),
    // Somebody saves the new file too, and the controller writes on top of that.
    again: fc.boolean(),
  })
  .map(({ changes, way, entry, steps: rest, point, others, again }): readonly Action[] => {
    const save: readonly Action[] = [
      { do: 'begin run', entry },
      { do: 'edit', changes, way, cut: 50, steps: 0 },
      { do: 'finish run', run: 0, between: [{ point, steps: rest, away: false }] },
      { do: 'step', steps: 3 },
    ];
    const overtake: readonly Action[] = [
      { do: 'edit', changes, way: 'rename', cut: 0, steps: 4 },
      { do: 'check' },
      { do: 'command', entry, between: [] },
    ];
    return save.concat(others, again ? overtake : [], { do: 'two seconds', between: [] });
  });

const severalActions = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: action.map((one): readonly Action[] => [one]) },
      { weight: 1, arbitrary: savedMeanwhile },
    ),
    { minLength: 4, maxLength: 24, size: 'max' },
  )
  .map((parts) => parts.flat());

export const sequence: fc.Arbitrary<Sequence> = fc.record({
  first: document,
  isLink: fc.nat(4).map((drawn) => drawn === 4),
  follows: fc.boolean(),
  actions: severalActions,
});

/** A short sequence on a file of 5,000 entries. */
export const largeSequence: fc.Arbitrary<Sequence> = fc
  .tuple(sequence, fc.array(action, { minLength: 4, maxLength: 8 }))
  .map(([drawn, actions]) => {
    const others = Array.from({ length: 5000 }, (_, place) => [
      { name: 'list_id', spelled: JSON.stringify(`large${place}`) },
      { name: 'latest_timestamp', spelled: 'null' },
    ]);
    const { first, isLink, follows } = drawn;
    const entries = first.entries.concat(others);
    return { first: { entries, style: first.style }, isLink, follows, actions };
  });
