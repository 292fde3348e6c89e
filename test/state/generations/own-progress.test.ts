import { describe, expect, test } from 'vitest';
import { mergeWriteBack } from '../../../src/state/merge.ts';
import { isOwnProgress } from '../../../src/state/generations/own-progress.ts';

const from = '2026-11-21T08:00:00Z';
const to = '2026-11-21T10:00:00Z';
const file = `\uFEFF[
  // mine
  { "list_id": "a", "latest_timestamp": "${from}", "elapsed_seconds": 1.5, "total_updates": 3, "note": "x" },
  { "list_id": "b" },\r
  { "service": "PERSON", "latest_ordinal": 5 }, /* and */
  { "service": "sisu", "latest_ordinal": { "MODULE": 7, "ASSESSMENT": null } },
]
`;
const written = (
  index: number,
  fields: Parameters<typeof mergeWriteBack>[1][number]['fields'],
  text = file,
) => mergeWriteBack(text, [{ index, fields }]);
const result = { latest_timestamp: to, elapsed_seconds: 2, total_updates: 0 };

describe('what a run writes is its own progress', () => {
  test.each([
    ['a result', written(0, result)],
    ['a first result', written(1, result)],
    ['an ordinal', written(2, { latest_ordinal: 6 })],
    ['an ordinal and its result', written(2, { latest_ordinal: 6, elapsed_seconds: 2, total_updates: 1 })],
    ['an ordinal of a group', written(3, { latest_ordinal: { MODULE: 8 } })],
    ['a first ordinal of a group', written(3, { latest_ordinal: { ASSESSMENT: 1, PLAN: 2 } })],
    ['ordinals of runs that go on beside it', written(2, { latest_ordinal: 9 }, written(0, result))],
    ['a result that came to the same', written(0, { elapsed_seconds: 9 })],
    ['nothing at all', file],
  ])('%s', (_name, newer) => {
    expect(isOwnProgress(file, newer)).toBe(true);
  });

  test('in a file of 5,000 entries, in well under a second', () => {
    const large = `[${Array.from({ length: 5000 }, (_, place) => `{ "list_id": "l${place}" }`).join(',\n')}]`;
    const newer = written(4999, result, large);
    const began = performance.now();
    expect(isOwnProgress(large, newer)).toBe(true);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

const values = (text: string): string => text.replaceAll(/\/\/.*|\/\*.*?\*\//g, '');

describe('what a person changed is not', () => {
  test.each([
    ['a field', file.replace('"x"', '"y"')],
    ['a field, and a run ended', written(0, result).replace('"x"', '"y"')],
    ['a comment', file.replace('mine', 'ours')],
    ['a comment, and a run ended', written(0, result).replace('mine', 'ours')],
    ['how it is written', file.replace('{ "list_id": "b" }', '{"list_id":"b"}')],
    ['a new entry', file.replace('{ "list_id": "b" }', '{ "list_id": "b" }, { "list_id": "c" }')],
    ['an entry removed', file.replace(/\{ "list_id": "b" \},\r\n/, '')],
    ['another order', file.replace('"list_id": "a"', '"list_id": "b"').replace(/"b" \}/, '"a" }')],
    ['a cursor back', written(0, { latest_timestamp: '2026-11-21T07:00:00Z' })],
    ['a cursor at the beginning', written(0, { latest_timestamp: null })],
    ['a cursor spelled "null"', written(0, { latest_timestamp: 'null' })],
    ['a cursor removed', file.replace(`"latest_timestamp": "${from}", `, '')],
    ['a cursor spelled otherwise', written(0, { latest_timestamp: '2026-11-21T08:00:00.000Z' })],
    ['a cursor that is none', written(0, { latest_timestamp: 'soon' })],
    ['an ordinal back', written(2, { latest_ordinal: 4 })],
    ['an ordinal at 0', written(2, { latest_ordinal: 0 })],
    ['an ordinal that became a group', written(2, { latest_ordinal: { PERSON: 9 } })],
    ['an ordinal of a group back', written(3, { latest_ordinal: { MODULE: 6 } })],
    ['an ordinal of a group removed', file.replace('"MODULE": 7, ', '')],
    ['a group that became an ordinal', file.replace(/\{ "MODULE.*null \}/, '9')],
    ['a cursor moved on, and a run of another entry ended', written(0, result, written(1, result))],
    ['pausing', written(1, { paused: true })],
    ['an entry that has a key twice', file.replace('"list_id": "b"', '"list_id": "b", "list_id": "b"')],
    ['what cannot be read', file.slice(0, 80)],
    ['what is no list', '{}'],
    ['everything removed', '[]'],
  ])('%s', (_name, newer) => {
    expect(newer).not.toBe(file);
    expect(isOwnProgress(file, newer)).toBe(false);
  });

  test('twin: one that compares values and not bytes misses a comment', () => {
    expect(isOwnProgress(values(file), values(file.replace('mine', 'ours')))).toBe(true);
  });
});
