import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ParsedState, parseState } from '../../src/state/parse.ts';

const parse = (text: string): ParsedState => parseState(text, { file: 'state.json' });

function entries(text: string) {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.entries;
}

function rejection(text: string): string {
  const parsed = parse(text);
  if (parsed.ok) throw new Error('it was accepted');
  return `${parsed.problem.line}:${parsed.problem.column} ${parsed.problem.message}`;
}

function complaint(entry: string): string | undefined {
  const [first] = entries(`[${entry}]`);
  return first?.problem && `${first.problem.line}:${first.problem.column} ${first.problem.message}`;
}

describe('a file that is not ready is never taken for an empty list', () => {
  test.each([
    ['', '1:1 the file is empty: it may be in the middle of being saved'],
    [' \r\n\t', '1:1 the file is empty: it may be in the middle of being saved'],
    ['\uFEFF', '1:1 the file is empty: it may be in the middle of being saved'],
    ['// only a remark\n', '2:1 expected a value at the end of the file: it is cut off'],
    ['[', '1:2 expected a closing ] at the end of the file: it is cut off'],
    ['[{"service":"demo"', '1:19 expected a closing } at the end of the file: it is cut off'],
    ['[{"service":"de', '1:13 expected a closing double quote on the same line'],
    ['{}', '1:1 expected a list of entries: [ { ... }, { ... } ]'],
    ['null', '1:1 expected a list of entries: [ { ... }, { ... } ]'],
    ['[{"service":"demo"}, 3]', '1:22 expected an entry: { ... }'],
  ])('%j', (text, expected) => {
    expect(rejection(text)).toBe(expected);
  });

  test('an empty list is a list', () => {
    expect(entries(' [ ] ')).toEqual([]);
  });

  test('no prefix of a file is read as something else than the file', () => {
    const whole =
      '[\r\n  // a remark\r\n  { "list_id": "a", "worker_count": 3 },\r\n  { "service": "demo" },\r\n]\r\n';
    for (let cut = 0; cut < whole.trimEnd().length; cut++) {
      expect(parse(whole.slice(0, cut)).ok, whole.slice(0, cut)).toBe(false);
    }
    expect(entries(whole)).toHaveLength(2);
  });
});

describe('a mistake is told with its place and what was expected', () => {
  test.each([
    [
      '[\n  {\n    "list_id": "a"\n    "worker_count": 3\n  }\n]',
      '4:5 expected a comma before "worker_count"',
    ],
    [
      '[\r\n  {\r\n    "list_id": "a"\r\n    "worker_count": 3\r\n  }\r\n]',
      '4:5 expected a comma before "worker_count"',
    ],
    ['[{"list_id" "a"}]', '1:13 expected a colon before "a"'],
    ['[{"list_id": }]', '1:14 expected a value before }'],
    ['[{list_id: "a"}]', '1:3 expected a field name in double quotes, found list_id'],
    ["[{'list_id': 'a'}]", `1:3 expected text in straight double quotes ("), found 'list_id'`],
    ['[{"list_id": “a”}]', '1:14 expected text in straight double quotes ("), found “a”'],
    [
      '[{"paused": True}]',
      '1:13 expected a value (text in double quotes, a number, true, false, null, { or [), found True',
    ],
    ['[{"list_id": "a"}]]', '1:19 expected nothing more after the closing bracket, found ]'],
    ['[{"list_id": "a",,}]', '1:18 expected a field name in double quotes before ,'],
    ['[{"a": "\\q"}]', '1:8 expected one of " \\ / b f n r t u after the backslash'],
    ['[/* x]', '1:2 expected the end of this comment: */'],
    [
      '\uFEFF[x]',
      '1:2 expected a value (text in double quotes, a number, true, false, null, { or [), found x',
    ],
  ])('%j', (text, expected) => {
    expect(rejection(text)).toBe(expected);
  });

  test('a file that is too deep or too long is a problem and not a crash', () => {
    expect(rejection('['.repeat(1_000_000))).toContain('1:65 more than 64 brackets');
    expect(rejection(`["${'x'.repeat(20_000_001)}"]`)).toContain('longer than 20 million');
  });

  test('no text makes it throw', () => {
    const soup = fc.array(
      fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', 'a', '1', 'null', '//', '/*', '\n', '\uFEFF'),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          soup.map((parts) => parts.join('')),
        ),
        (text) => {
          parse(text);
        },
      ),
    );
  });
});

describe('what editors and people do is accepted', () => {
  test('a byte order mark, CRLF, comments and trailing commas', () => {
    const [entry] = entries(
      '\uFEFF[\r\n{ "list_id": " a ", // mine\r\n /* no */ "worker_count": 3, },\r\n]\r\n',
    );
    expect(entry?.entry).toMatchObject({ list_id: 'a', worker_count: 3 });
    expect(entry?.raw).toEqual({ list_id: ' a ', worker_count: 3 });
  });

  test('unknown fields are kept in the raw entry', () => {
    expect(entries('[{"list_id":"a","note":{"by":"me"},"__proto__":{"x":1}}]')[0]?.raw['note']).toEqual({
      by: 'me',
    });
  });

  test.each([
    ['null', null],
    ['"null"', null],
    ['"2026-11-21T10:00:00"', '2026-11-21T10:00:00Z'],
    ['"2026-11-21 10:00:00"', '2026-11-21T10:00:00Z'],
    ['"2026-11-21T12:00:00+02:00"', '2026-11-21T10:00:00Z'],
    ['"2026-11-21T10:00:00.999Z"', '2026-11-21T10:00:00Z'],
  ])('latest_timestamp %s is %s', (written, expected) => {
    expect(entries(`[{"list_id":"a","latest_timestamp":${written}}]`)[0]?.entry.latest_timestamp).toBe(
      expected,
    );
  });

  test('5,000 entries are read in well under a second', () => {
    const text = JSON.stringify(
      Array.from({ length: 5000 }, (_, n) => ({ list_id: `l${n}`, worker_count: 3 })),
      null,
      2,
    );
    const start = performance.now();
    expect(entries(text)).toHaveLength(5000);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('a wrong value makes only its own entry invalid', () => {
  test('the others stay as they are', () => {
    const read = entries('[{"list_id":"a"},{"list_id":"b","worker_count":"8"},{"service":"demo"}]');
    expect(read.map((entry) => entry.problem?.message)).toEqual([
      undefined,
      '"worker_count" must be a whole number from 1 to 100, found "8"',
      undefined,
    ]);
    expect(read[1]?.entry).toEqual({ list_id: 'b' });
  });

  test.each([
    ['{}', '1:2 an entry must have exactly one of "list_id" and "service"'],
    ['{"list_id":"a","service":"b"}', '1:2 an entry must have exactly one of "list_id" and "service"'],
    ['{"list_id":"  "}', '1:13 "list_id" must be the id of a list, as text, found "  "'],
    ['{"list_id":12}', '1:13 "list_id" must be the id of a list, as text, found 12'],
    ['{"list_id":"a","list_id":"b"}', '1:17 "list_id" is written twice in this entry: remove one of them'],
    ['{"list_id":"a","worker_count":0}', '1:32 "worker_count" must be a whole number from 1 to 100, found 0'],
    [
      '{"list_id":"a","worker_count":101}',
      '1:32 "worker_count" must be a whole number from 1 to 100, found 101',
    ],
    [
      '{"list_id":"a","items_per_request":10001}',
      '1:37 "items_per_request" must be a whole number from 1 to 10000, found 10001',
    ],
    [
      '{"list_id":"a","start_offset":-1}',
      '1:32 "start_offset" must be a whole number from 0 to 9007199254740991, found -1',
    ],
    [
      '{"list_id":"a","start_offset":1.5}',
      '1:32 "start_offset" must be a whole number from 0 to 9007199254740991, found 1.5',
    ],
    [
      '{"service":"a","latest_ordinal":9007199254740993}',
      '1:34 "latest_ordinal" must be a whole number from 0 to 9007199254740991 or null; for a group an object of them by service, found 9007199254740993',
    ],
    [
      '{"service":"a","elapsed_seconds":1e999}',
      '1:35 "elapsed_seconds" must be a number from 0 up, found 1e999',
    ],
    [
      '{"list_id":"a","refresh_seconds":0}',
      '1:35 "refresh_seconds" must be a whole number from 1 to 9007199254740991, found 0',
    ],
    [
      '{"list_id":"a","paused":"yes"}',
      '1:26 "paused" must be true or false (for a group also an object of them by service), found "yes"',
    ],
    [
      '{"list_id":"a","timezone":"Europe/Helsingfors"}',
      '1:28 "timezone" must be a time zone like "Europe/Helsinki" or "UTC", found "Europe/Helsingfors"',
    ],
    ['{"list_id":"a","account":"a b"}', '1:27 "account" must be text of letters, digits and _, found "a b"'],
    [
      '{"list_id":"a","latest_timestamp":"yesterday"}',
      '1:36 "latest_timestamp" must be a UTC time like "2026-11-21T10:00:00Z", or null (which reads everything again), found "yesterday"',
    ],
    [
      '{"list_id":"a","latest_timestamp":""}',
      '1:36 "latest_timestamp" must be a UTC time like "2026-11-21T10:00:00Z", or null (which reads everything again), found ""',
    ],
    [
      '{"list_id":"a","latest_timestamp":"2026-02-30T10:00:00Z"}',
      '1:36 "latest_timestamp" must be a UTC time like "2026-11-21T10:00:00Z", or null (which reads everything again), found "2026-02-30T10:00:00Z"',
    ],
  ])('%s', (entry, expected) => {
    expect(complaint(entry)).toBe(expected);
  });

  test('an id that two entries use makes both invalid', () => {
    const read = entries('[{"list_id":"a","id":"x"},{"list_id":"b","id":" x "},{"list_id":"c","id":"y"}]');
    expect(read.map((entry) => entry.problem === undefined)).toEqual([false, false, true]);
  });

  test('a well-formed entry is judged by the check that was passed in', () => {
    const parsed = parseState('[{"list_id":"a","schedule":"x","timezone":"Europe/Helsinki"}]', {
      file: 'state.json',
      check: ({ schedule, timezone }) =>
        schedule === undefined
          ? undefined
          : { field: 'schedule', message: `is not good: ${schedule} in ${timezone ?? 'UTC'}` },
    });
    expect(parsed).toMatchObject({
      entries: [
        { problem: { line: 1, column: 28, message: '"schedule" is not good: x in Europe/Helsinki' } },
      ],
    });
  });
});

describe('a likely typo is pointed out and the entry still runs', () => {
  test.each([
    ['worker_cuont', 'worker_count'],
    ['workerCount', 'worker_count'],
    ['Worker-Count', 'worker_count'],
    ['latest_timestap', 'latest_timestamp'],
    ['item_per_requests', 'items_per_request'],
    ['pause', 'paused'],
  ])('%s', (name, meant) => {
    const parsed = parse(`[{"list_id":"a",\n"${name}":3}]`);
    expect(parsed).toMatchObject({
      ok: true,
      entries: [{ entry: { list_id: 'a' } }],
      warnings: [
        {
          index: 0,
          problem: { line: 2, column: 1, message: `unknown field "${name}": did you mean "${meant}"?` },
        },
      ],
    });
    expect(parsed.ok && parsed.entries[0]?.problem).toBeUndefined();
  });

  test.each(['note', 'owner', '_worker_count', '$schema', '//paused', 'comment'])('%s is no typo', (name) => {
    expect(parse(`[{"list_id":"a","${name}":3}]`)).toMatchObject({ ok: true, warnings: [] });
  });
});

const single = ({ service }: { service?: string | undefined }) => (service === 'demo' ? undefined : service);

const problems = (text: string) => {
  const parsed = parseState(text, { file: 'state.json', single });
  return parsed.ok ? parsed.entries.map(({ problem }) => problem && `${problem.line}:${problem.column}`) : [];
};

describe('what no two entries may run', () => {
  test('both are invalid, each pointed at where it says so', () => {
    expect(problems('[{ "service": "PLAN" },\n {"note": 1, "service": "PLAN"}, { "service": "X" }]')).toEqual(
      ['1:15', '2:25', undefined],
    );
  });

  test('what may run twice, and what names nothing, may', () => {
    expect(
      problems('[{ "service": "demo" }, { "service": "demo" }, { "list_id": "a" }, { "list_id": "a" }]'),
    ).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('an entry that is invalid for another reason keeps that one, and takes none with it', () => {
    const [first, second] = problems('[{ "service": "PLAN", "worker_count": -1 }, { "service": "PLAN" }]');
    expect([first, second]).toEqual(['1:39', undefined]);
  });
});
