import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeWriteBack } from '../../../src/state/merge.ts';
import { parseState, type RawEntry } from '../../../src/state/parse.ts';
import { rebuild } from '../../../src/state/generations/rebuild.ts';

const earlier = `\uFEFF[
  // mine\r
  { "list_id": "a", "worker_count": 4 /* few */ },
  { "service": "sisu", "latest_ordinal": { "MODULE": 7 }, },
]
`;
const entriesOf = (text: string): readonly RawEntry[] => {
  const parsed = parseState(text, { file: 'state.json' });
  return parsed.ok ? parsed.entries.map(({ raw }) => raw) : [];
};

describe('a lost version is rebuilt', () => {
  test('byte for byte where values were set since', () => {
    const lost = mergeWriteBack(earlier, [
      { index: 0, fields: { worker_count: 8, latest_timestamp: '2026-11-21T08:00:00Z', total_updates: 3 } },
      { index: 1, fields: { latest_ordinal: { MODULE: 9, PLAN: 1 }, paused: true } },
    ]);
    expect(rebuild(earlier, entriesOf(lost))).toBe(lost);
    expect(rebuild(earlier, entriesOf(earlier))).toBe(earlier);
  });

  test('whatever was set, as the entries were', () => {
    const field = fc.constantFrom('worker_count', 'paused', 'latest_timestamp', 'note', 'id');
    const value = fc.oneof(fc.integer(), fc.boolean(), fc.string(), fc.constant(null));
    const edit = fc.record({ index: fc.nat(1), fields: fc.dictionary(field, value, { maxKeys: 3 }) });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 5 }), (edits) => {
        const lost = edits.reduce((text, one) => mergeWriteBack(text, [one]), earlier);
        expect(entriesOf(rebuild(earlier, entriesOf(lost)) ?? '')).toEqual(entriesOf(lost));
      }),
    );
  });
});

describe('nothing is made up', () => {
  test.each([
    ['an entry that came', '[{ "list_id": "a" }, { "list_id": "b" }, { "list_id": "c" }]'],
    ['an entry that went', '[{ "list_id": "a", "worker_count": 4 }]'],
    ['a field that went', earlier.replace(', "worker_count": 4', '')],
    ['a service of a group that went', earlier.replace('"MODULE": 7', '"PLAN": 7')],
    ['a database that knows nothing', '[]'],
  ])('from %s', (_name, lost) => {
    expect(rebuild(earlier, entriesOf(lost))).toBeUndefined();
  });

  test('from a version that is broken', () => {
    expect(rebuild(earlier.slice(0, 50), entriesOf(earlier))).toBeUndefined();
    expect(rebuild('[{ "list_id": "a", "list_id": "a" }]', [{ list_id: 'b' }])).toBeUndefined();
  });
});
