import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical } from '../../src/state/canonical.ts';
import { type EntryEdit, mergeWriteBack } from '../../src/state/merge.ts';
import { parseState } from '../../src/state/parse.ts';
import { type Fields, fields, style, writeInStyle } from './texts.ts';

type Merge = (text: string, edits: readonly EntryEdit[]) => string;

function raws(text: string): Fields[] {
  const parsed = parseState(text, { file: 'state.json' });
  if (!parsed.ok) throw new Error(`${parsed.problem.message} in ${text}`);
  return parsed.entries.map((entry) => entry.raw);
}

const scalar = fc.oneof(fc.string({ maxLength: 8 }), fc.integer(), fc.boolean(), fc.constant(null));
const edit = fc.record({
  index: fc.nat(3),
  fields: fc.dictionary(
    fc.constantFrom('latest_timestamp', 'total_updates', 'elapsed_seconds', 'paused', 'ünïcode "quoted"'),
    scalar,
    { maxKeys: 4 },
  ),
});

/** The two promises of the merge, over files in every style. */
function checkMerge(merge: Merge): void {
  fc.assert(
    fc.property(
      fc.array(fields, { minLength: 1, maxLength: 4 }),
      style,
      fc.array(edit, { maxLength: 4 }),
      (entries, written, edits) => {
        const text = writeInStyle(entries, written);
        const fitting = edits.filter(({ index }) => index < entries.length);
        const merged = merge(text, fitting);

        const expected: Record<string, unknown>[] = raws(text).map((raw) => structuredClone(raw));
        for (const { index, fields: values } of fitting) Object.assign(expected[index] ?? {}, values);
        expect(canonical(raws(merged))).toBe(canonical(expected));

        // Blank every value and every field that was edited: what is left of both texts is equal to the byte.
        const named = new Set(fitting.flatMap(({ fields: values }) => Object.keys(values)));
        expect(withoutFields(merged, named)).toBe(withoutFields(text, named));
        const onlyAdded = fitting.every(({ index, fields: values }) =>
          Object.keys(values).every((name) => !(name in (entries[index] ?? {}))),
        );
        if (onlyAdded) expect(isInside(text, merged)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
}

/** Whether a text is another one with nothing but insertions. */
function isInside(text: string, longer: string): boolean {
  let place = 0;
  for (const character of longer) if (text.startsWith(character, place)) place += character.length;
  return place === text.length;
}

/** The text without the named fields, and without the commas and white space that stand around any field. */
function withoutFields(text: string, names: ReadonlySet<string>): string {
  let rest = text;
  for (const name of names) {
    const key = JSON.stringify(name).replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    rest = rest.replaceAll(
      new RegExp(`${key}\\s*:\\s*("(?:[^"\\\\]|\\\\.)*"|\\{[^}]*\\}[^}]*\\}|[-\\w.+]+)`, 'g'),
      '',
    );
  }
  return rest.replaceAll(/[\s,]|\/\*.*?\*\//g, '');
}

const rewrite: Merge = (text, edits) => {
  const entries: Record<string, unknown>[] = raws(text).map((raw) => structuredClone(raw));
  for (const { index, fields: values } of edits) Object.assign(entries[index] ?? {}, values);
  return JSON.stringify(entries, null, 2);
};

const forget: Merge = (text, edits) =>
  mergeWriteBack(
    text,
    edits.map(({ index, fields: values }) => {
      return { index, fields: Object.fromEntries(Object.entries(values).slice(1)) };
    }),
  );

describe('only the named values change', () => {
  test('in files of every style', () => {
    checkMerge(mergeWriteBack);
  });

  test('twin: writing the whole file anew does not pass', () => {
    expect(() => checkMerge(rewrite)).toThrow();
  });

  test('twin: forgetting a field does not pass', () => {
    expect(() => checkMerge(forget)).toThrow();
  });

  test('a value that changes leaves every other byte where it is', () => {
    const text =
      '\uFEFF// head\r\n[\r\n\t{"list_id" :  "a" ,\r\n\t  "latest_timestamp":null/* when */ ,"big": 12345678901234567890, "f": 1.50 }\r\n ,{"list_id":"b"}]';
    expect(mergeWriteBack(text, [{ index: 0, fields: { latest_timestamp: '2026-11-21T10:00:00Z' } }])).toBe(
      text.replace('null', '"2026-11-21T10:00:00Z"'),
    );
  });

  test('a value that is there already is not written again, however it is spelled', () => {
    const text = '[{"list_id":"a","total_updates":1e3,"elapsed_seconds":1.50}]';
    expect(mergeWriteBack(text, [{ index: 0, fields: { total_updates: 1000, elapsed_seconds: 1.5 } }])).toBe(
      text,
    );
  });

  test('an object is set key by key', () => {
    expect(
      mergeWriteBack('[{"latest_ordinal": {"a": 1, "b": 2}}]', [
        { index: 0, fields: { latest_ordinal: { b: 3, c: 4 } } },
      ]),
    ).toBe('[{"latest_ordinal": {"a": 1, "b": 3, "c": 4}}]');
  });
});

const add = (text: string): string =>
  mergeWriteBack(text, [{ index: 0, fields: { latest_timestamp: null, total_updates: 5 } }]);

describe('a missing field is added at the end of its object, in the style of the object', () => {
  test.each([
    [
      'one line',
      '[{ "list_id": "x" }]',
      '[{ "list_id": "x", "latest_timestamp": null, "total_updates": 5 }]',
    ],
    ['one tight line', '[{"list_id":"x"}]', '[{"list_id":"x","latest_timestamp":null,"total_updates":5}]'],
    [
      'one line, tight brackets',
      '[{"list_id": "x", "note": 1}]',
      '[{"list_id": "x", "note": 1, "latest_timestamp": null, "total_updates": 5}]',
    ],
    [
      'tabs and CRLF',
      '[\r\n\t{\r\n\t\t"list_id": "x"\r\n\t}\r\n]\r\n',
      '[\r\n\t{\r\n\t\t"list_id": "x",\r\n\t\t"latest_timestamp": null,\r\n\t\t"total_updates": 5\r\n\t}\r\n]\r\n',
    ],
    [
      'a trailing comma',
      '[\n  {\n    "list_id": "x",\n  },\n]',
      '[\n  {\n    "list_id": "x",\n    "latest_timestamp": null,\n    "total_updates": 5,\n  },\n]',
    ],
    [
      'a remark behind the last field',
      '[\n  {\n    "list_id": "x" // mine\n  }\n]',
      '[\n  {\n    "list_id": "x", // mine\n    "latest_timestamp": null,\n    "total_updates": 5\n  }\n]',
    ],
    [
      'a remark behind a trailing comma',
      '[\n  {\n    "list_id": "x", // mine\n  }\n]',
      '[\n  {\n    "list_id": "x", // mine\n    "latest_timestamp": null,\n    "total_updates": 5,\n  }\n]',
    ],
    [
      'a remark that ends a one-line object',
      '[{ "a": 1, "list_id": "x" // mine\n}]',
      '[{ "a": 1, "list_id": "x", "latest_timestamp": null, "total_updates": 5 // mine\n}]',
    ],
    [
      'the last brace on the line of the last field',
      '[{ "list_id": "x",\n   "note": 1 }]',
      '[{ "list_id": "x",\n   "note": 1,\n   "latest_timestamp": null,\n   "total_updates": 5 }]',
    ],
    ['nothing in it', '[{}]', '[{ "latest_timestamp": null, "total_updates": 5 }]'],
  ])('%s', (_name, text, expected) => {
    expect(add(text)).toBe(expected);
  });
});

test('several entries are written at once, and 5,000 of them in well under a second', () => {
  const text = JSON.stringify(
    Array.from({ length: 5000 }, (_, n) => ({ list_id: `l${n}` })),
    null,
    2,
  );
  const start = performance.now();
  const merged = mergeWriteBack(
    text,
    Array.from({ length: 5000 }, (_, index) => ({ index, fields: { total_updates: index } })),
  );
  expect(performance.now() - start).toBeLessThan(2000);
  expect(raws(merged)[4999]).toEqual({ list_id: 'l4999', total_updates: 4999 });
});

test.each([
  ['a file that is cut off', '[{"list_id":"x"}', 0],
  ['an entry that is not there', '[{"list_id":"x"}]', 1],
  ['a key that is there twice', '[{"total_updates":1,"total_updates":2}]', 0],
  ['something that is no list', '{"0":{}}', 0],
])('%s is refused', (_name, text, index) => {
  expect(() => mergeWriteBack(text, [{ index, fields: { total_updates: 3 } }])).toThrow(
    expect.objectContaining({ code: 'state.unmergeable' }),
  );
});
