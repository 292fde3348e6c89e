import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KeyFields, createKeyReader } from '../../src/source/sis-key.ts';

function entityKey(entity: unknown, fields: KeyFields, ordinal: number | undefined): string | undefined {
  return createKeyReader(fields)(entity, ordinal);
}

const registration = ['studyRightId', 'studentId'];

test('one field is its text, several are JSON, a version has its ordinal', () => {
  expect(entityKey({ id: 'otm-1' }, ['id'], 7)).toBe('otm-1');
  expect(entityKey({ studyRightId: 'sr', studentId: 'st' }, registration, 7)).toBe('["sr","st"]');
  expect(entityKey({ id: 'otm-1' }, ['id', 'modificationOrdinal'], 7)).toBe('["otm-1",7]');
});

test.each([
  [{ id: '' }, ['id']],
  [{ id: 17 }, ['id']],
  [{ id: null }, ['id']],
  [{}, ['id']],
  [null, ['id']],
  ['otm-1', ['id']],
  [['otm-1'], ['id']],
  [{ studyRightId: 'sr' }, registration],
  [{ studyRightId: 'sr', studentId: '' }, registration],
])('%j has no key of %j', (entity, fields) => {
  expect(entityKey(entity, fields, 7)).toBeUndefined();
});

test('a version without an ordinal has no key', () => {
  expect(entityKey({ id: 'otm-1' }, ['id', 'modificationOrdinal'], undefined)).toBeUndefined();
});

const text = fc.string({ minLength: 1, unit: 'binary' });

test('two entities share a key only if all its fields are the same', () => {
  const entity = fc.record({ studyRightId: text, studentId: text });
  fc.assert(
    fc.property(entity, entity, (one, other) => {
      const same = one.studyRightId === other.studyRightId && one.studentId === other.studentId;
      expect(entityKey(one, registration, 1) === entityKey(other, registration, 1)).toBe(same);
    }),
  );
});

// What joining by a sign would make one key of two.
test('a sign inside a field separates nothing', () => {
  const keys = [
    { studyRightId: 'a|b', studentId: 'c' },
    { studyRightId: 'a', studentId: 'b|c' },
    { studyRightId: 'a","b', studentId: 'c' },
    { studyRightId: 'a', studentId: 'b","c' },
  ].map((entity) => entityKey(entity, registration, 1));
  expect(new Set(keys).size).toBe(4);
});
