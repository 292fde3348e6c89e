import { describe, expect, test } from 'vitest';
import { matchEntries } from '../../src/state/match.ts';
import { parseState } from '../../src/state/parse.ts';
import { writeBack } from '../../src/state/write-back.ts';

const base = `[
  // kept by hand
  { "list_id": "a", "latest_timestamp": null, "worker_count": 4 },
  { "list_id": "b", "latest_timestamp": "2026-11-21T10:00:00Z" }
]
`;
const result = { latest_timestamp: '2026-11-21T12:00:00Z', total_updates: 5 };

function read(text: string) {
  const parsed = parseState(text, { file: 'state.json' });
  if (!parsed.ok) throw new Error(parsed.problem.message);
  let drawn = 0;
  return matchEntries(
    [],
    parsed.entries.map((entry) => entry.raw),
    () => `e${drawn++}`,
  ).entries;
}

/** The result of a run of the entry at `index` of `base`, written into the file as it stands now. */
function finish(now: string, index = 0) {
  const known = read(base);
  const entry = known[index];
  if (!entry) throw new Error('no such entry');
  return writeBack(
    known,
    now,
    [{ identity: entry.identity, fields: result, base: entry.raw }],
    () => 'drawn',
  );
}

describe('the result of a run is merged with what a person did meanwhile', () => {
  test('nothing: the values are set and the rest of the file is as it was', () => {
    expect(finish(base)?.text).toBe(
      base.replace(
        'null, "worker_count": 4',
        '"2026-11-21T12:00:00Z", "worker_count": 4, "total_updates": 5',
      ),
    );
  });

  test('other fields, other entries and the order: both survive', () => {
    const edited = `[{ "list_id": "new" },\n{ "worker_count": 8, "list_id": "a", "latest_timestamp": "null", "note": "mine" }]`;
    const merged = finish(edited);
    expect(merged?.outcomes).toEqual(['written']);
    expect(merged?.text).toBe(
      `[{ "list_id": "new" },\n{ "worker_count": 8, "list_id": "a", "latest_timestamp": "2026-11-21T12:00:00Z", "note": "mine", "total_updates": 5 }]`,
    );
    expect(merged?.entries.map((entry) => entry.identity)).toEqual(['drawn', 'e0']);
    expect(merged?.entries[1]?.raw).toMatchObject({ ...result, note: 'mine' });
  });

  test.each([
    ['the cursor', base.replace('null', '"2026-01-01T00:00:00Z"')],
    ['where it begins', base.replace('"worker_count": 4', '"start_offset": 100')],
    ['where it goes', base.replace('"worker_count": 4', '"sink": "elsewhere"')],
    ['whose it is', base.replace('"worker_count": 4', '"account": "other"')],
  ])('%s: the result is void and the file is left as it is (S4)', (_name, edited) => {
    expect(finish(edited)).toMatchObject({ text: edited, outcomes: ['moved'] });
  });

  test('the same cursor in another spelling is no change', () => {
    const edited = base.replace('2026-11-21T10:00:00Z', '2026-11-21 10:00:00');
    expect(finish(edited, 1)?.outcomes).toEqual(['written']);
  });

  test('what an earlier try has put there already is no edit: it is written, and the rest of it too (S9)', () => {
    const tried = base.replace('null', '"2026-11-21 12:00:00"');
    expect(finish(tried)?.outcomes).toEqual(['written']);
    const whole = finish(base)?.text ?? '';
    expect(finish(whole)).toMatchObject({ text: whole, outcomes: ['written'] });
    const moved = tried.replace('"worker_count": 4', '"sink": "elsewhere"');
    expect(finish(moved)).toMatchObject({ text: moved, outcomes: ['moved'] });
  });

  test('the entry is gone', () => {
    expect(finish('[{ "list_id": "b" }]')).toMatchObject({
      text: '[{ "list_id": "b" }]',
      outcomes: ['gone'],
    });
  });

  test('the entry is one of two that cannot be told apart', () => {
    const edited =
      '[{ "list_id": "a", "latest_timestamp": "2026-01-01T00:00:00Z" }, { "list_id": "a", "latest_timestamp": "2026-02-01T00:00:00Z" }]';
    expect(finish(edited)).toMatchObject({ text: edited, outcomes: ['ambiguous'] });
  });

  test('a wrong value elsewhere in the entry does not hold the result back', () => {
    expect(finish(base.replace('4', '"four"'))?.outcomes).toEqual(['written']);
  });

  test('a key that is there twice does, until it is corrected', () => {
    const edited = base.replace('"worker_count": 4', '"latest_timestamp": null');
    expect(finish(edited)).toMatchObject({ text: edited, outcomes: ['unreadable'] });
  });

  test('a file that is being saved is left alone', () => {
    expect(finish('')).toBeUndefined();
    expect(finish(base.slice(0, 40))).toBeUndefined();
  });
});

test("a person's command is written whatever the entry was before", () => {
  const known = read(base);
  const merged = writeBack(
    known,
    base,
    [{ identity: 'e1', fields: { latest_timestamp: null, paused: true } }],
    () => 'x',
  );
  expect(merged?.text).toContain('{ "list_id": "b", "latest_timestamp": null, "paused": true }');
});

describe('a merge keeps what a person saved during the run', () => {
  const edited = base.replace('"worker_count": 4', '"worker_count": 8');
  const keeps = (merge: (before: string, now: string) => string | undefined): void => {
    const text = merge(base, edited);
    expect(text).toContain('"worker_count": 8');
    expect(text).toContain('"total_updates": 5');
  };

  test('ours does', () => {
    keeps((_before, now) => finish(now)?.text);
  });

  test('twin: writing from the copy that was read before the run does not', () => {
    expect(() => keeps((before) => finish(before)?.text)).toThrow();
  });
});
