import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acknowledged, editedFields, ownCursor } from '../../src/controller/own-cursor.ts';

const frozen = { service: 'S', latest_ordinal: 5, note: 'mine' };

describe("what is a person's edit of an entry whose run writes its ordinal", () => {
  test.each([
    ['nothing', frozen, undefined, []],
    ['the ordinal that is being written', { ...frozen, latest_ordinal: 9 }, 9, []],
    ['another ordinal', { ...frozen, latest_ordinal: 7 }, 9, ['latest_ordinal']],
    ['an ordinal while none is written', { ...frozen, latest_ordinal: 9 }, undefined, ['latest_ordinal']],
    ['no ordinal any more', { service: 'S' }, 9, ['latest_ordinal']],
    [
      'the ordinal that is written, and the sink',
      { ...frozen, latest_ordinal: 9, sink: 'x' },
      9,
      ['sink', 'latest_ordinal'],
    ],
    ['a field that shapes no window', { ...frozen, note: 'else', worker_count: 3 }, undefined, []],
  ])('%s', (_what, raw, intended, fields) => {
    expect(editedFields({ frozen, intended }, raw)).toEqual(fields);
  });
});

test('what the run wrote is acknowledged, and nothing else', () => {
  const raw = fc.record(
    { service: fc.constantFrom('S', 'T'), latest_ordinal: fc.option(fc.nat(12)), sink: fc.constant('x') },
    { requiredKeys: ['service'] },
  );
  fc.assert(
    fc.property(raw, fc.option(fc.nat(12), { nil: undefined }), (entry, intended) => {
      const known = acknowledged({ frozen, intended }, entry);
      const isEdited = editedFields({ frozen, intended }, entry).length > 0;
      expect(known).toEqual(isEdited || known === frozen ? frozen : { ...frozen, latest_ordinal: intended });
      // After it nothing of the run's own is an edit any more.
      expect(editedFields({ frozen: known, intended: undefined }, entry).length > 0).toBe(isEdited);
    }),
  );
});

test('only a chained run has an ordinal that it is about to write', () => {
  const chained = { kind: 'chained' as const, since: 1, intended: 7, overlapFrom: undefined };
  expect(ownCursor({ frozen, span: chained })).toEqual({ frozen, intended: 7 });
  expect(ownCursor({ frozen, span: { kind: 'whole' } })).toEqual({ frozen, intended: undefined });
});
