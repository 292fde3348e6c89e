import { describe, expect, test } from 'vitest';
import { nameEntries } from '../../src/controller/known-entries.ts';
import { parseState } from '../../src/state/parse.ts';

const groups = new Map([['sisu', ['PERSON', 'PLAN', 'MODULE']]]);

function named(entries: readonly object[]) {
  const parsed = parseState(JSON.stringify(entries), {
    file: 'state.json',
    single: ({ service }) => service,
  });
  if (!parsed.ok) throw new Error(parsed.problem.message);
  const identities = parsed.entries.map(({ raw }, at) => ({ identity: `e${at}`, raw }));
  return nameEntries(parsed.entries, identities, groups);
}

const groupOf = (...entries: readonly object[]) => named(entries).map(({ id, group }) => [id, group?.id]);

const paused = (value: unknown) =>
  named([{ service: 'sisu', paused: value }]).map(({ entry, raw }) => [entry.paused, raw['paused']]);

describe('an entry of the file', () => {
  test('is called by its id, its list or its service, with a number where that repeats', () => {
    const all = named([{ list_id: 'a' }, { list_id: 'a' }, { list_id: 'b', id: 'mine' }]);
    expect(all.map(({ key, id }) => [key, id])).toEqual([
      ['e0', 'a'],
      ['e1', 'a#2'],
      ['e2', 'mine'],
    ]);
  });
});

describe("a group's entry", () => {
  test('becomes its services in their order, each with its own ordinal and the fields of all', () => {
    const all = named([{ service: 'sisu', worker_count: 3, latest_ordinal: { PLAN: 7 }, note: 'mine' }]);
    expect(all.map(({ key, id, label, group }) => [key, id, label, group?.key])).toEqual([
      ['e0/PERSON', 'PERSON', 'service "PERSON"', 'e0'],
      ['e0/PLAN', 'PLAN', 'service "PLAN"', 'e0'],
      ['e0/MODULE', 'MODULE', 'service "MODULE"', 'e0'],
    ]);
    expect(all.map(({ entry }) => entry)).toEqual([
      { service: 'PERSON', worker_count: 3, note: 'mine' },
      { service: 'PLAN', worker_count: 3, latest_ordinal: 7, note: 'mine' },
      { service: 'MODULE', worker_count: 3, note: 'mine' },
    ]);
    expect(all[1]?.raw).toEqual({ service: 'PLAN', worker_count: 3, latest_ordinal: 7, note: 'mine' });
  });

  test('is called by its id where it has one, else by the group’s name, and no other entry the same', () => {
    expect(groupOf({ service: 'sisu', id: 'prod' })[0]).toEqual(['PERSON', 'prod']);
    expect(groupOf({ service: 'sisu' }, { list_id: 'sisu' }).at(-1)).toEqual(['sisu#2', undefined]);
    expect(groupOf({ service: 'sisu', id: 'PERSON' })[0]).toEqual(['PERSON#2', 'PERSON']);
  });

  test('pauses all of its services, or those that it names', () => {
    expect(paused(true)).toEqual([
      [true, true],
      [true, true],
      [true, true],
    ]);
    expect(paused({ PLAN: true, MODULE: false })).toEqual([
      [undefined, undefined],
      [true, true],
      [false, false],
    ]);
  });

  test('leaves out a service that has an entry of its own, be that one invalid', () => {
    expect(named([{ service: 'sisu' }, { service: 'PLAN' }]).map(({ key }) => key)).toEqual([
      'e0/PERSON',
      'e0/MODULE',
      'e1',
    ]);
    const all = named([{ service: 'PLAN', worker_count: -1 }, { service: 'sisu' }]);
    expect(all.map(({ key, problem }) => [key, problem !== undefined])).toEqual([
      ['e0', true],
      ['e1/PERSON', false],
      ['e1/MODULE', false],
    ]);
  });

  test('that is invalid is one entry with its problem', () => {
    const all = named([{ service: 'sisu', worker_count: 'x' }]);
    expect(all.map(({ key, problem }) => [key, problem !== undefined])).toEqual([['e0', true]]);
  });

  test('that stands there twice runs neither time: an ordinal has one owner', () => {
    const all = named([{ service: 'sisu' }, { service: 'sisu' }]);
    expect(all.map(({ key, problem }) => [key, problem?.message])).toEqual([
      ['e0', '"service" "sisu" has two entries: only one may move its ordinal, so none of them runs'],
      ['e1', '"service" "sisu" has two entries: only one may move its ordinal, so none of them runs'],
    ]);
  });
});
