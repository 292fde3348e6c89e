import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memberOf } from '../../src/state/group.ts';
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

describe('the result of one service of a group', () => {
  const group = `[
  { "service": "sisu", "latest_ordinal": { "PERSON": 5, "PLAN": 7 }, "note": "mine" },
  { "service": "MODULE", "latest_ordinal": 3 }
]
`;
  const [known] = [read(group)];
  const identity = known[0]?.identity ?? '';
  const person = (ordinal: number, from = 5) => ({
    identity: `${identity}/PERSON`,
    fields: { latest_ordinal: ordinal, elapsed_seconds: 3 },
    base: memberOf({ service: 'sisu', latest_ordinal: { PERSON: from }, note: 'mine' }, 'PERSON'),
  });
  const plan = (ordinal: number) => ({
    identity: `${identity}/PLAN`,
    fields: { latest_ordinal: ordinal },
    base: { service: 'PLAN', latest_ordinal: 7, note: 'mine' },
  });
  const write = (text: string, ...writes: Parameters<typeof writeBack>[2]) =>
    writeBack(known, text, writes, () => 'drawn');

  test('goes under its name, and nothing else is touched', () => {
    expect(write(group, person(9))?.text).toBe(group.replace('"PERSON": 5', '"PERSON": 9'));
  });

  test.each([
    [
      'there was no object',
      '[{ "service": "sisu" }]',
      '[{ "service": "sisu", "latest_ordinal": {"PERSON":9} }]',
    ],
    [
      'it was null',
      '[{ "service": "sisu", "latest_ordinal": null }]',
      '[{ "service": "sisu", "latest_ordinal": {"PERSON":9} }]',
    ],
    [
      'it was empty',
      '[{ "service": "sisu", "latest_ordinal": {} }]',
      '[{ "service": "sisu", "latest_ordinal": { "PERSON": 9 } }]',
    ],
  ])('is added where %s', (_what, text, after) => {
    expect(write(text, { ...person(9), base: { service: 'PERSON' } })?.text).toBe(after);
  });

  test('two at once both arrive', () => {
    const written = write(group, person(9), plan(8));
    expect(written?.outcomes).toEqual(['written', 'written']);
    expect(written?.text).toBe(group.replace('5', '9').replace('7', '8'));
  });

  test.each([
    ['its ordinal', group.replace('"PERSON": 5', '"PERSON": 0')],
    ['all ordinals at once', group.replace('{ "PERSON": 5, "PLAN": 7 }', 'null')],
    ['the object into a number', group.replace('{ "PERSON": 5, "PLAN": 7 }', '0')],
    ['where all of them go', group.replace('"note"', '"sink": "else", "note"')],
  ])('is void when a person has changed %s', (_what, text) => {
    expect(write(text, person(9))).toMatchObject({ text, outcomes: ['moved'] });
  });

  test('is void when a person removed the entry; the one written is still its own', () => {
    const text = group.replace(/ {2}\{ "service": "sisu".*\n/, '');
    expect(write(text, person(9))).toMatchObject({ text, outcomes: ['gone'] });
  });

  test("never takes anything from what a person does to the others meanwhile, and a person's word on its own stands", () => {
    const ordinals = fc.dictionary(fc.constantFrom('PERSON', 'PLAN', 'MODULE', 'x y'), fc.nat(20));
    const edit = fc.record({ ordinals, note: fc.string(), spaces: fc.nat(4) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let text = group;
        let entries = read(group);
        let mine = 5;
        for (const { ordinals: next, note, spaces } of edits) {
          text = JSON.stringify(
            [{ service: 'sisu', latest_ordinal: next, note }, { service: 'MODULE' }],
            undefined,
            spaces,
          );
          const goal = mine + 1;
          const one = {
            identity: `${identity}/PERSON`,
            fields: { latest_ordinal: goal },
            base: { service: 'PERSON', latest_ordinal: mine },
          };
          const written = writeBack(entries, text, [one], () => 'drawn');
          const isOurs = next['PERSON'] === mine || next['PERSON'] === goal;
          expect(written?.outcomes).toEqual([isOurs ? 'written' : 'moved']);
          const after = { ...next, ...(isOurs ? { PERSON: goal } : {}) };
          expect(JSON.parse(written?.text ?? '')).toEqual([
            { service: 'sisu', latest_ordinal: after, note },
            { service: 'MODULE' },
          ]);
          entries = [...(written?.entries ?? [])];
          mine = after['PERSON'] ?? mine;
        }
      }),
    );
  });
});
