import { describe, expect, test } from 'vitest';
import type { KnownStateEntry } from '../../src/controller/known-entries.ts';
import { createLiveRun, keptOrdinal } from '../../src/controller/live-run.ts';

function entry(ordinal?: unknown): KnownStateEntry {
  const fields = ordinal === undefined ? {} : { latest_ordinal: ordinal };
  const raw = { service: 'PERSON', ...fields };
  return {
    key: 'e1',
    id: 'PERSON',
    label: 'service "PERSON"',
    entry: { service: 'PERSON' },
    raw,
    problem: undefined,
    group: undefined,
  };
}

describe('what a cancelled run leaves in the file', () => {
  const advanced = createLiveRun(entry(5));
  advanced.own = { frozen: entry(9).raw, intended: 12 };

  test('is the ordinal it had reached, also when it could not note down that it wrote it', () => {
    expect(keptOrdinal(advanced, entry(9))).toBe(9);
    expect(keptOrdinal(advanced, entry(12))).toBe(12);
  });

  test('is found in the group that became invalid with it', () => {
    const member = createLiveRun({ ...entry(5), key: 'e1/PERSON' });
    member.own = { frozen: entry(9).raw, intended: undefined };
    const group = { ...entry({ PERSON: 9, PLAN: 3 }), key: 'e1' };
    expect(keptOrdinal(member, group)).toBe(9);
    expect(
      keptOrdinal(member, { ...group, raw: { service: 'sisu', latest_ordinal: { PLAN: 9 } } }),
    ).toBeUndefined();
  });

  test('is nothing of its own where a person moved it, the entry is gone, or it wrote none', () => {
    expect(keptOrdinal(advanced, entry(3))).toBeUndefined();
    expect(keptOrdinal(advanced, undefined)).toBeUndefined();
    expect(keptOrdinal(createLiveRun(entry()), entry())).toBeUndefined();
  });
});
