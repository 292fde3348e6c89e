import * as fc from 'fast-check';
import { type Style, style } from '../state/texts.ts';
import type { EntryText, Field, StateDocument } from './document.ts';

/** One thing a person does to the file before saving it. Places count round the end, so that every number fits. */
export type Change =
  | { readonly kind: 'set'; readonly entry: number; readonly field: Field }
  | { readonly kind: 'unset'; readonly entry: number; readonly field: number }
  | { readonly kind: 'repeat'; readonly entry: number; readonly field: number }
  | { readonly kind: 'add'; readonly entry: number; readonly text: EntryText }
  | { readonly kind: 'copy'; readonly entry: number }
  | { readonly kind: 'remove'; readonly entry: number }
  | { readonly kind: 'move'; readonly entry: number; readonly to: number }
  | { readonly kind: 'restyle'; readonly style: Style };

const text = (...values: readonly unknown[]): string[] => values.map((value) => JSON.stringify(value));
const timestamps = text(
  null,
  'null',
  '2026-01-01T00:00:00Z',
  '2026-01-01 00:00:00',
  '2026-02-02T02:02:02Z',
  '2026-03-03T03:03:03',
);

const spellings: Readonly<Record<string, readonly string[]>> = {
  latest_timestamp: timestamps,
  latest_ordinal: ['0', '5', 'null'],
  total_updates: ['7', '1e3', 'null'],
  elapsed_seconds: ['1.50', '2'],
  worker_count: ['2', '4', '"four"', '8.0'],
  items_per_request: ['100'],
  note: text('mine', 'a "quoted" }, ] // text', 'ünï\u2028', ''),
  nested: ['{ "a": [1, { "list_id": "l0" }], "a": 2 }', '[ ]'],
  big: ['12345678901234567890', '-0'],
  paused: ['true', 'false'],
  id: text('x', 'y', 'z'),
  sink: text('bullmq', 'file'),
  account: text('one', 'two'),
  start_offset: ['100'],
};

const field: fc.Arbitrary<Field> = fc.constantFrom(...Object.keys(spellings)).chain((name) =>
  fc.record({
    name: fc.constant(name),
    spelled: fc.constantFrom(...(spellings[name] ?? ['0'])),
    block: fc.boolean(),
    remark: fc.boolean(),
  }),
);

const subject: fc.Arbitrary<Field> = fc
  .nat(7)
  .map((number) =>
    number === 7
      ? { name: 'service', spelled: '"demo"' }
      : { name: 'list_id', spelled: JSON.stringify(`l${number}`) },
  );

/** An entry with a subject and at least one more field, in any order. */
const entry: fc.Arbitrary<EntryText> = fc
  .tuple(
    subject,
    fc.uniqueArray(field, { minLength: 1, maxLength: 5, selector: ({ name }) => name }),
    fc.nat(5),
  )
  .map(([first, others, place]) => others.toSpliced(place, 0, first));

export const document: fc.Arbitrary<StateDocument> = fc.record({
  entries: fc.oneof(
    // Most files name each list once; some hold entries that are hard to tell apart.
    { weight: 4, arbitrary: fc.uniqueArray(entry, { minLength: 1, maxLength: 6, selector: subjectOf }) },
    { weight: 1, arbitrary: fc.array(entry, { minLength: 2, maxLength: 6 }) },
  ),
  style,
});

const place = fc.nat(7);

export const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('set'), entry: place, field }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('unset'), entry: place, field: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat'), entry: place, field: place }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('add'), entry: place, text: entry }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('copy'), entry: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove'), entry: place }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move'), entry: place, to: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restyle'), style }) },
);

/** The document as it stands in the person's editor after these changes. */
export function changed(before: StateDocument, changes: readonly Change[]): StateDocument {
  return changes.reduce(changeOnce, before);
}

function changeOnce(before: StateDocument, made: Change): StateDocument {
  const { entries } = before;
  if (made.kind === 'restyle') return { ...before, style: made.style };
  const index = entries.length === 0 ? 0 : made.entry % entries.length;
  const current = entries[index];
  if (!current) return made.kind === 'add' ? { ...before, entries: [made.text] } : before;
  const replaced = (...by: readonly EntryText[]): StateDocument => {
    return { ...before, entries: entries.toSpliced(index, 1, ...by) };
  };
  switch (made.kind) {
    case 'set':
      return replaced(setField(current, made.field));
    case 'unset': {
      const found = current[made.field % current.length];
      // One field alone has its own rule of spacing (merge.test.ts); its subject keeps an entry what it is.
      const isKept = current.length <= 2 || found?.name === 'list_id' || found?.name === 'service';
      return isKept ? before : replaced(current.filter((other) => other !== found));
    }
    case 'repeat':
      return replaced([...current, ...current.slice(made.field % current.length).slice(0, 1)]);
    case 'add':
      return replaced(current, made.text);
    case 'copy':
      return replaced(current, current);
    case 'remove':
      return replaced();
    case 'move': {
      const rest = entries.toSpliced(index, 1);
      return { ...before, entries: rest.toSpliced(made.to % entries.length, 0, current) };
    }
    default:
      return made satisfies never;
  }
}

function setField(current: EntryText, { name, spelled, ...comments }: Field): EntryText {
  return current.some((other) => other.name === name)
    ? current.map((other) => (other.name === name ? { ...other, spelled } : other))
    : [...current, { name, spelled, ...comments }];
}

function subjectOf(made: EntryText): string {
  return made.find(({ name }) => name === 'list_id' || name === 'service')?.spelled ?? '';
}
