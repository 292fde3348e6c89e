import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inGroup, memberKey, memberOf, ownerOf } from '../../src/state/group.ts';

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

  test('writes its ordinal under its name, and nothing that one run reports', () => {
    const fields = { latest_ordinal: 7, elapsed_seconds: 1, total_updates: 2, paused: true };
    expect(inGroup(fields, 'PLAN')).toEqual({ latest_ordinal: { PLAN: 7 }, paused: true });
    expect(inGroup({ elapsed_seconds: 1 }, 'PLAN')).toEqual({});
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
