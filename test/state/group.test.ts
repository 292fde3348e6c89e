import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inGroup, memberKey, memberOf, ownerOf, pausedInGroup } from '../../src/state/group.ts';

const pausedPlan = (paused: unknown): unknown => memberOf({ service: 'sisu', paused }, 'PLAN')['paused'];

/** As the merge of a write does it: key by key where both are objects. */
const merged = (before: unknown, value: unknown): unknown =>
  typeof before === 'object' && typeof value === 'object' ? { ...before, ...value } : value;

describe("one service of a group's entry", () => {
  test('has the fields of the entry, its own name and its own ordinal', () => {
    const raw = { service: 'sisu', sink: 'bullmq', latest_ordinal: { PERSON: 7, PLAN: 9 }, note: 1 };
    expect(memberOf(raw, 'PLAN')).toEqual({ service: 'PLAN', sink: 'bullmq', latest_ordinal: 9, note: 1 });
    expect(memberOf(raw, 'MODULE')).toEqual({ service: 'MODULE', sink: 'bullmq', note: 1 });
  });

  test.each([[null], [undefined]])('has none where there is no object of them: %s', (latest_ordinal) => {
    expect(memberOf({ service: 'sisu', latest_ordinal }, 'PLAN')).toEqual({ service: 'PLAN' });
  });

  test.each([[5], ['x'], [[1, 2]]])(
    'takes what is no object for its own: a person who writes %j there changes the cursor of each',
    (latest_ordinal) => {
      expect(memberOf({ service: 'sisu', latest_ordinal }, 'PLAN')).toEqual({
        service: 'PLAN',
        latest_ordinal,
      });
    },
  );

  test('has no ordinal by the name of what every object has', () => {
    expect(memberOf({ service: 'sisu', latest_ordinal: {} }, 'toString')).toEqual({ service: 'toString' });
  });

  test('is paused by the entry’s word for all of them, or by its own', () => {
    expect([true, false, undefined].map(pausedPlan)).toEqual([true, false, undefined]);
    expect([{ PLAN: true }, { PLAN: false }, { PERSON: true }].map(pausedPlan)).toEqual([
      true,
      false,
      undefined,
    ]);
  });

  test('writes its ordinal under its name, and nothing that one run reports', () => {
    const fields = { latest_ordinal: 7, elapsed_seconds: 1, total_updates: 2, paused: true };
    expect(inGroup(fields, 'PLAN')).toEqual({ latest_ordinal: { PLAN: 7 }, paused: true });
    expect(inGroup({ elapsed_seconds: 1 }, 'PLAN')).toEqual({});
  });
});

describe('pausing some of the services of a group’s entry', () => {
  const all = ['PERSON', 'PLAN', 'MODULE'];
  const pausedAll = (raw: Readonly<Record<string, unknown>>): unknown[] =>
    all.map((service) => memberOf({ service: 'sisu', ...raw }, service)['paused'] === true);

  test('names them, and nothing where it is so already', () => {
    expect(pausedInGroup({}, all, ['PLAN'], true)).toEqual({ PLAN: true });
    expect(pausedInGroup({ paused: { PLAN: true } }, all, ['PLAN', 'MODULE'], true)).toEqual({
      MODULE: true,
    });
    expect(pausedInGroup({ paused: true }, all, ['PLAN'], true)).toBeUndefined();
    expect(pausedInGroup({}, all, ['PLAN'], false)).toBeUndefined();
    expect(pausedInGroup({ paused: { PERSON: true } }, all, ['PLAN'], false)).toBeUndefined();
  });

  test('one that goes on while all are paused leaves the others paused by name', () => {
    expect(pausedInGroup({ paused: true }, all, ['PLAN'], false)).toEqual({ PERSON: true, MODULE: true });
    expect(pausedInGroup({ paused: true }, all, all, false)).toBe(false);
  });

  test('changes these and no other, whatever stood there', () => {
    const word = fc.constantFrom(undefined, true, false);
    const before = fc.oneof(word, fc.dictionary(fc.constantFrom(...all), fc.boolean()));
    fc.assert(
      fc.property(before, fc.subarray(all), fc.boolean(), (paused, some, wanted) => {
        const raw = paused === undefined ? {} : { paused };
        const value = pausedInGroup(raw, all, some, wanted);
        const after = value === undefined ? raw : { paused: merged(paused, value) };
        const were = pausedAll(raw);
        expect(pausedAll(after)).toEqual(
          all.map((service, at) => (some.includes(service) ? wanted : were[at])),
        );
      }),
    );
  });
});

test('a key tells whose entry it is, and which of its services', () => {
  const identity = fc.string({ minLength: 1 }).filter((text) => !text.includes('/'));
  fc.assert(
    fc.property(identity, fc.string(), (owner, service) => {
      expect(ownerOf(memberKey(owner, service))).toEqual({ identity: owner, member: service });
      expect(ownerOf(owner)).toEqual({ identity: owner, member: undefined });
    }),
  );
});
